import type { ModelAsk } from "../conversation/effect.ts";
import type { Event } from "../conversation/event.ts";
import type { Model, ModelEvent, ModelFailure } from "../model.ts";
import { argumentsFor, type ReadArguments, readArguments } from "../tools/arguments.ts";
import { offer } from "../tools/offer.ts";

/** Where events go; `room` holds a writer back. */
type Events = { push(event: Event): void; room(): Promise<void> | undefined };

type Asked = { replyId: string; request: ModelAsk; signal: AbortSignal };

/** Asks the model, and puts what comes of it into the call's inbox as it comes. Ends with the signal. */
export async function askModel(model: Model, asked: Asked, inbox: Events): Promise<void> {
  const { replyId, request, signal } = asked;
  const tools = request.tools === "none" ? [] : offer(request.tools).tools;
  const { settings, messages } = request;
  let last: ModelEvent["type"] | undefined;
  try {
    const stream = model.stream({ ...settings, purpose: "conversation", messages, tools }, signal);
    for await (const event of stream) {
      const room = inbox.room();
      if (room !== undefined) await room;
      if (signal.aborted) return;
      inbox.push(heard(asked, event));
      last = event.type;
    }
    if (signal.aborted || last === "finished" || last === "failed") return;
    inbox.push({ type: "model-failed", replyId, failure: brokenOff });
  } catch (error) {
    const message = `The model client failed: ${error instanceof Error ? error.message : String(error)}`;
    inbox.push({ type: "model-failed", replyId, failure: { code: "bad-answer", message, retryable: false } });
  }
}

function heard({ replyId, request }: Asked, event: ModelEvent): Event {
  switch (event.type) {
    case "text":
      return { type: "model-text", replyId, text: event.text };
    case "tool-call-begun":
      return { type: "model-tool-call-begun", replyId, name: event.name };
    case "failed-over":
      return { type: "model-failed-over", replyId, failure: event.failure, to: event.to };
    case "finished": {
      const toolCalls = event.toolCalls.map(({ id, name, arguments: text }) => ({
        modelCallId: id,
        name,
        arguments: argumentsOf(request, name, text),
      }));
      return {
        type: "model-finished",
        replyId,
        toolCalls,
        ...(event.usage === undefined ? {} : { usage: event.usage }),
      };
    }
    case "failed":
      return { type: "model-failed", replyId, failure: event.failure };
  }
}

/** Arguments are held against the tool that was offered; what was not is refused by its name. */
function argumentsOf({ tools }: ModelAsk, name: string, text: string): ReadArguments {
  const tool = tools === "none" ? undefined : tools.tools.find((one) => one.name === name);
  return tool === undefined ? readArguments(name, text) : argumentsFor(tool, text);
}

const brokenOff: ModelFailure = {
  code: "bad-answer",
  message: "The model's answer broke off before its end.",
  retryable: true,
};
