/** The part of a WebSocket that is used here; the platform's and that of `ws` fit. */
export type SocketLike = {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
};

export type SocketMaker = new (url: string) => SocketLike;

/** `readyState` of an open socket. Source: WHATWG WebSockets. */
export const openState = 1;
