import type { Client } from "@offhook/client";
import type { Listened } from "@offhook/protocol";
import type { Came } from "../ending.ts";
import { type Failure, misuse } from "../failure.ts";
import { makeSecret } from "../random.ts";
import { findAssistant } from "../talk/find-assistant.ts";
import type { Terminal } from "../terminal.ts";
import { cursorFile, type CursorFile, type Kept } from "./cursor-file.ts";
import { lastCursor } from "./last-cursor.ts";
import { type Farewell, listen } from "./listener.ts";
import type { Application, Passed } from "./local-application.ts";
import { passedLine, passedRecord, recorder } from "./shown.ts";

/** What is listened to, and where it goes. */
export type ListenWish = {
  /** Where the server is. */
  url: string;
  forwardTo: string;
  /** By id or name; none: all, at a server on this machine. */
  assistant: readonly string[];
  all?: boolean;
  from?: string;
  record?: string;
  /** One is made, and said, if none is given. */
  secret?: string;
  auth: "signature" | "header";
  json?: boolean;
};

export type ListenParts = {
  terminal: Terminal;
  /** It gives a stream up at the first failure. */
  client: Client;
  /** Where the cursor is kept between two starts. */
  folder: string;
  stop: AbortSignal;
  farewell?: Farewell;
};

/** An event is waited for so long, as at a Server URL; a tool call for as long as the server says, but no longer. */
const timeoutMs = 60_000;

/** Brings events and tool calls to an application on this machine, and shows each with its answer, until the signal. */
export async function listenTo(
  { terminal, client, folder, stop, farewell }: ListenParts,
  wish: ListenWish,
): Promise<Came> {
  const listened = await listenedOf(client, wish);
  if (typeof listened === "object" && "failure" in listened) return listened;
  const file = cursorFile(folder, { url: wish.url, forwardTo: wish.forwardTo });
  const kept = await keptOf(client, file, wish);
  if ("failure" in kept) return kept;
  file.write(kept);
  for (const line of greeting(wish, { listened, kept })) terminal.note(line);
  const application = applicationOf(terminal, wish, kept.secret);
  const parts = { client, listened, application, file, note: terminal.note, farewell };
  const failure = await listen(parts, kept, stop);
  if (failure === undefined) return undefined;
  return {
    failure: `${failure.failure}\nIf the cursor is the trouble: --from now, or --from start. It is kept in ${file.path}.`,
  };
}

async function listenedOf(client: Client, { assistant, all, url }: ListenWish): Promise<Listened | Failure> {
  if (assistant.length === 0) {
    if (all === true || isHere(url)) return "all";
    return misuse(
      `Which assistants? Their tool calls will come to this machine: name them with --assistant, or say --all.`,
    );
  }
  const ids: string[] = [];
  for (const who of assistant) {
    const found = await findAssistant(client, who);
    if ("failure" in found) return found;
    ids.push(found.id);
  }
  return ids;
}

/** Whether a server is on this machine: then it is nobody else's. */
function isHere(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(URL.parse(url)?.hostname ?? "");
}

async function keptOf(client: Client, file: CursorFile, { from }: ListenWish): Promise<Kept | Failure> {
  const before = file.read();
  const secret = before?.secret ?? makeSecret();
  if (from === undefined && before !== undefined) return { ...before, secret };
  if (from === "start") return { cursor: 0, secret };
  if (from !== undefined && from !== "now") {
    return /^\d{1,15}$/u.test(from)
      ? { cursor: Number(from), secret }
      : misuse(`--from is “${from}”: it must be now, start, or a cursor, which is a number.`);
  }
  const cursor = await lastCursor(client);
  return typeof cursor === "number" ? { cursor, secret } : cursor;
}

function greeting(options: ListenWish, { listened, kept }: { listened: Listened; kept: Kept }): string[] {
  const whom = listened === "all" ? "all assistants" : listened.join(", ");
  return [
    `Listening to ${whom} at ${options.url}, from event ${kept.cursor} on; forwarding to ${options.forwardTo}.`,
    ...(options.secret === undefined
      ? [`Signed with ${kept.secret}: give it to the application as its secret, or give its own as --secret.`]
      : []),
  ];
}

function applicationOf(terminal: Terminal, options: ListenWish, made: string): Application {
  const { forwardTo, secret = made, auth, json = false } = options;
  const record = recorder(options.record);
  const show = (passed: Passed): void =>
    terminal.print(json ? JSON.stringify(passedRecord(passed)) : passedLine(passed, terminal.style));
  return {
    forwardTo,
    proof: { secret, auth },
    timeoutMs,
    onPassed(passed) {
      show(passed);
      record(passed);
    },
  };
}
