import {
  type Attributes,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Random } from "../random.ts";
import type { EgressAnswer } from "./egress-port.ts";
import { newTraceparent } from "./sign.ts";

/** What is sent, as its span tells it: no secret, no query, nothing that was said. */
export type Traced = { name: string; url: string; attributes: Attributes; random: Random };

/**
 * Sends a request as a span of OpenTelemetry (kind client), whose
 * `traceparent` goes with it. Where nobody collects spans, the request gets a
 * trace of its own, so that the application can still tell its own from others.
 */
export async function traced<Sent extends { answer: EgressAnswer }>(
  { name, url, attributes, random }: Traced,
  send: (traceparent: string) => Promise<Sent>,
): Promise<Sent> {
  const span = trace.getTracer("offhook").startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: { "server.address": URL.parse(url)?.host ?? "", ...attributes },
  });
  try {
    const sent = await send(traceparentOf(span) ?? newTraceparent(random));
    if (span.isRecording()) note(span, sent.answer);
    return sent;
  } finally {
    span.end();
  }
}

function note(span: Span, answer: EgressAnswer): void {
  if (answer.kind === "answered") span.setAttribute("http.response.status_code", answer.status);
  else span.setAttribute("error.type", answer.kind);
  const isGood = answer.kind === "answered" && answer.status < 400;
  if (!isGood) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** W3C Trace Context of a span; `undefined` where there is none to speak of. */
function traceparentOf(span: Span): string | undefined {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, "0")}`;
}
