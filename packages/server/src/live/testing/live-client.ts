import { type LiveUpdate, liveUpdate } from "@offhook/protocol";
import { WebSocket } from "ws";

export type LiveClient = {
  socket: WebSocket;
  updates: LiveUpdate[];
  /** Waits until so many updates have come, and gives them. */
  until(count: number): Promise<LiveUpdate[]>;
  closed: Promise<{ code: number; reason: string }>;
  send(command: unknown): void;
};

export type Refusal = { status: number; headers: Record<string, unknown>; body: unknown };

/** Opens a live socket, or answers with how it was refused. */
export function openClient(url: string, headers: Record<string, string> = {}): Promise<LiveClient | Refusal> {
  const socket = new WebSocket(url, { headers });
  const updates: LiveUpdate[] = [];
  let check: () => void = () => undefined;
  socket.on("message", (data) => {
    updates.push(liveUpdate.parse(JSON.parse(Buffer.isBuffer(data) ? data.toString("utf8") : "")));
    check();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const until = (count: number): Promise<LiveUpdate[]> =>
    new Promise((resolve, reject) => {
      check = () => updates.length >= count && resolve([...updates]);
      check();
      void closed.then(({ code, reason }) =>
        reject(new Error(`closed with ${code} ${reason} after ${updates.length} updates`)),
      );
    });
  const send = (command: unknown): void =>
    socket.send(typeof command === "string" ? command : JSON.stringify(command));
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve({ socket, updates, until, closed, send }));
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (piece) => (text += String(piece)));
      response.on("end", () => {
        const type = String(response.headers["content-type"]);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: type.includes("json") ? JSON.parse(text) : text,
        });
      });
    });
  });
}
