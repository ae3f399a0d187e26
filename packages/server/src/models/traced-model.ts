import { type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Model, ModelEvent, ModelRequest } from "../model.ts";

/** A model whose requests are spans of OpenTelemetry, by its conventions for generative AI; nothing that was said is in them. */
export function tracedModel(model: Model): Model {
  return {
    stream(request, signal) {
      const span = begin(request);
      // Nobody collects spans, or not this one: what comes need not pass here.
      return span.isRecording() ? traced(span, model.stream(request, signal)) : model.stream(request, signal);
    },
  };
}

async function* traced(span: Span, events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent> {
  let content = false;
  try {
    for await (const event of events) {
      if (!content && event.type !== "failed" && event.type !== "finished") {
        content = true;
        span.addEvent("first content");
      }
      note(span, event);
      yield event;
    }
  } finally {
    span.end();
  }
}

function begin({ provider, model, purpose }: ModelRequest): Span {
  return trace.getTracer("offhook").startSpan(`chat ${model}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": provider,
      "gen_ai.request.model": model,
      "offhook.purpose": purpose,
    },
  });
}

function note(span: Span, event: ModelEvent): void {
  if (event.type === "failed") {
    span.setAttribute("error.type", event.failure.code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  if (event.type !== "finished") return;
  span.setAttribute("offhook.tool_calls", event.toolCalls.length);
  if (event.usage === undefined) return;
  span.setAttribute("gen_ai.usage.input_tokens", event.usage.promptTokens);
  span.setAttribute("gen_ai.usage.output_tokens", event.usage.completionTokens);
}
