import type { EventView, Listened, ListenedToolCall, ListenerAnswer } from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { follow, type FollowQuery } from "./follow.ts";
import { type Connection, nothing, pathOf, request } from "./request.ts";

export type ListenQuery = FollowQuery & {
  /** Whose tool calls are taken while the stream is open: `"all"`, or ids of assistants. */
  assistants: Listened;
  /** Told of each as it comes. It is to be taken within 2 s, and answered within its `timeoutMs`, by `answer`. */
  onToolCall: (call: ListenedToolCall) => void;
};

/** The application's part in calls without a Server URL, over a connection that it opens. */
export type Listening = {
  /**
   * Follows all events of the team as {@link Events} does, and takes the tool
   * calls of some assistants in the place of their Server URL.
   *
   * @example
   * const onToolCall = async ({ id, body }: ListenedToolCall) => {
   *   await client.listening.answer(id, { type: "taken" });
   *   await client.listening.answer(id, { type: "answered", status: 200, headers: {}, body: await answerTo(body) });
   * };
   * for await (const event of client.listening.follow({ assistants: "all", onToolCall })) show(event);
   */
  follow(query: ListenQuery): AsyncIterable<Answer<EventView>>;
  /**
   * Says what became of a tool call, to any server of those that share a store.
   * It counts once, so it is said again where it is not known whether it was
   * heard. Refused with `not-found` when nobody waits for it any more, as after
   * an answer that was heard.
   */
  answer(toolCallId: string, answer: ListenerAnswer): Promise<Answer<undefined>>;
};

const path = "/events/v1/listen";

export function openListening(connection: Connection): Listening {
  return {
    follow: ({ assistants, onToolCall, ...rest }) =>
      follow(connection, path, { ...rest, aside: { query: { assistants: String(assistants) }, onToolCall } }),
    answer: (id, body) =>
      request(connection, { method: "POST", path: pathOf(path, id), body, countsOnce: true }, nothing),
  };
}
