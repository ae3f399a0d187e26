import { type EventView, eventView } from "@offhook/protocol";
import type { TestServer } from "./open-server.ts";

export type StreamEvent = { id?: string; event?: string; data?: string; comment?: string; retry?: string };

export type OpenStream = {
  status: number;
  /** The next block; `undefined` at the end. */
  next(): Promise<StreamEvent | undefined>;
  /** The next so many entries, comments left out. */
  entries(count: number): Promise<EventView[]>;
  close(): Promise<void>;
};

/** Opens a stream of server-sent events and reads it block by block. */
export async function openStream(
  server: Pick<TestServer, "url" | "key">,
  path: string,
  headers: Record<string, string> = {},
): Promise<OpenStream> {
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${server.key}`, accept: "text/event-stream", ...headers },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<StreamEvent | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return blockOf(block);
      }
      const piece = await reader?.read();
      if (piece?.value === undefined) return undefined;
      text += piece.value;
    }
  };
  return {
    status: response.status,
    next,
    async entries(count) {
      const entries: EventView[] = [];
      while (entries.length < count) {
        const block = await next();
        if (block === undefined) throw new Error(`the stream ended after ${entries.length} entries`);
        if (block.event === undefined && block.data !== undefined)
          entries.push(eventView.parse(JSON.parse(block.data)));
      }
      return entries;
    },
    close: async () => reader?.cancel(),
  };
}

function blockOf(block: string): StreamEvent {
  const fields = block.split("\n").map((line) => {
    const [, name = "", value = ""] = /^([a-z]*): ?(.*)$/u.exec(line) ?? [];
    return [name === "" ? "comment" : name, value] as const;
  });
  return Object.fromEntries(fields);
}
