import { request } from "node:http";
import type { Socket } from "node:net";

/** A live socket as light as can be: frames are read where they lie, and only those with news are looked into. */
export type LiveLine = {
  say(text: string): void;
  /** Hears each update's text, and whether it is a piece (`delta`), a `message`, an `error`, or something else. */
  hear: (kind: string, text: string) => void;
};

const opcodes = { text: 1, ping: 9, pong: 10 } as const;
const begin = '{"type":"';

/** Connects to a call's `liveUrl`. */
export async function openLiveLine(liveUrl: string): Promise<LiveLine> {
  const socket = await upgraded(liveUrl);
  socket.setNoDelay(true);
  const line: LiveLine = {
    hear: () => undefined,
    say: (text) => void socket.write(sayFrame(text)),
  };
  let rest: Buffer = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (part) => {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    for (let frame = frameIn(rest); frame !== undefined; frame = frameIn(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.opcode === opcodes.ping) socket.write(maskedFrame(opcodes.pong, frame.payload));
      if (frame.opcode === opcodes.text) tell(line, frame.payload);
    }
  });
  return line;
}

function tell(line: LiveLine, payload: Buffer): void {
  const kind = payload.toString("latin1", begin.length, payload.indexOf('"', begin.length));
  if (kind === "delta" || kind === "message" || kind === "error") line.hear(kind, payload.toString());
}

function upgraded(liveUrl: string): Promise<Socket> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    const asked = request(liveUrl.replace(/^ws/u, "http"), { headers });
    asked.once("upgrade", (_response, socket: Socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.once("response", ({ statusCode }) =>
      reject(new Error(`a live socket was refused with ${statusCode}`)),
    );
    asked.once("error", reject);
    asked.end();
  });
}

type Frame = { opcode: number; payload: Buffer; end: number };

/** The first whole frame (RFC 6455, 5.2); a server's are not masked. Nothing here is as long as 64 KiB but the history of a long call. */
function frameIn(bytes: Buffer): Frame | undefined {
  const [first = 0, second = 0] = bytes;
  const lengthBytes = second === 127 ? 8 : second === 126 ? 2 : 0;
  const start = 2 + lengthBytes;
  if (bytes.length < start) return undefined;
  const length =
    lengthBytes === 0 ? second : bytes.readUIntBE(start - Math.min(lengthBytes, 6), Math.min(lengthBytes, 6));
  if (bytes.length < start + length) return undefined;
  return { opcode: first & 15, payload: bytes.subarray(start, start + length), end: start + length };
}

const sayFrames = new Map<string, Buffer>();

/** The same words are one frame, made once. */
function sayFrame(text: string): Buffer {
  const made =
    sayFrames.get(text) ?? maskedFrame(opcodes.text, Buffer.from(JSON.stringify({ type: "say", text })));
  sayFrames.set(text, made);
  return made;
}

/** A client's frame, masked with zeros, of at most 125 bytes. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new Error("a frame of the bench has at most 125 bytes");
  return Buffer.concat([Buffer.from([128 | opcode, 128 | payload.length, 0, 0, 0, 0]), payload]);
}
