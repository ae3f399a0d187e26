import type { LiveSession } from "@offhook/client";
import type { LiveState, LiveUpdate } from "@offhook/protocol";
import { useEffect, useRef, useState } from "react";
import { after as later, now } from "../clock.ts";
import { server } from "../ui/server.ts";

export type Talking = {
  /** What is being said and is not whole yet, by message. */
  words: ReadonlyMap<string, string>;
  /** When the last words came, in epoch ms; 0 before the first. */
  lastWordsAt: number;
  trouble: string | undefined;
  /** What each side does now; `undefined` until it is told, and when the call is over. */
  state: LiveState | undefined;
  isOpen: boolean;
  /** Says something as the user; answers whether it was sent. */
  say: (text: string) => boolean;
};

type Heard = Pick<Talking, "words" | "lastWordsAt" | "trouble" | "state" | "isOpen">;
const nothing: Heard = {
  words: new Map(),
  lastWordsAt: 0,
  trouble: undefined,
  state: undefined,
  isOpen: false,
};

/** A live session at a call: words as they stream in, and a mouth. */
export function useLiveSession(callId: string | undefined): Talking {
  const [heard, setHeard] = useState<Heard>(nothing);
  const session = useRef<LiveSession>(undefined);
  useEffect(() => {
    if (callId === undefined) return undefined;
    const stop = new AbortController();
    const change = (changed: (before: Heard) => Heard): void => {
      if (!stop.signal.aborted) setHeard(changed);
    };
    void listen(callId, { change, stop: stop.signal, open: (opened) => (session.current = opened) });
    return () => {
      stop.abort();
      session.current?.close();
      session.current = undefined;
    };
  }, [callId]);
  return { ...heard, say: (text) => session.current?.say(text) ?? false };
}

type Ear = {
  change: (changed: (before: Heard) => Heard) => void;
  stop: AbortSignal;
  open: (session: LiveSession) => void;
};

/** So long between two attempts to connect again, and so many of them. */
const pauseMs = 1_000;
const attemptsMax = 60;

/** Listens over as many connections as it takes: a call may outlive its server. */
async function listen(callId: string, ear: Ear): Promise<void> {
  for (let attempts = 0; attempts < attemptsMax && !ear.stop.aborted; attempts += 1) {
    const heard = await listenOnce(callId, ear);
    if (heard === "over") return;
    if (heard === "lost") attempts = 0;
    // What came in part may never come whole: whoever goes on with the call says it anew.
    ear.change((before) => ({ ...before, words: new Map(), isOpen: false, state: undefined }));
    await pause(pauseMs, ear.stop);
  }
}

async function listenOnce(callId: string, { change, stop, open }: Ear): Promise<"over" | "lost" | "away"> {
  const call = await server.calls.get(callId);
  if (stop.aborted || (call.ok && call.value.status === "finished")) return "over";
  if (!call.ok) return call.problem.code === "unreachable" || call.problem.status >= 500 ? "away" : "over";
  const opened = await server.calls.live({ monitor: ownMonitor(call.value.monitor) });
  if (!opened.ok) {
    change((before) => ({ ...before, trouble: opened.problem.detail }));
    return "away";
  }
  if (stop.aborted) {
    opened.value.close();
    return "over";
  }
  open(opened.value);
  change((before) => ({ ...before, isOpen: true, trouble: undefined }));
  let end: "over" | "lost" = "over";
  for await (const update of opened.value) {
    if (update.type === "error" && update.code === "connection-lost") end = "lost";
    change((before) => after(before, update));
  }
  if (end === "over") change((before) => ({ ...before, isOpen: false, state: undefined }));
  return end;
}

function pause(delayMs: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const callOff = later(delayMs, resolve);
    const leave = (): void => {
      callOff();
      resolve();
    };
    stop.addEventListener("abort", leave, { once: true });
  });
}

function after(before: Heard, update: LiveUpdate): Heard {
  switch (update.type) {
    case "delta": {
      const words = new Map(before.words);
      words.set(update.messageId, (words.get(update.messageId) ?? "") + update.text);
      return { ...before, words, lastWordsAt: now() };
    }
    case "message": {
      const words = new Map(before.words);
      words.delete(update.message.messageId);
      return { ...before, words, trouble: undefined };
    }
    case "error":
      return { ...before, trouble: update.message };
    case "state":
      return { ...before, state: update };
    case "status":
      return before;
  }
}

/** The live address under the page's own origin, whatever name the server knows itself by: nothing else may be asked. */
function ownMonitor(monitor: { controlUrl: string; liveUrl: string }): {
  controlUrl: string;
  liveUrl: string;
} {
  const { pathname, search } = new URL(monitor.liveUrl);
  return { ...monitor, liveUrl: `${location.origin.replace(/^http/u, "ws")}${pathname}${search}` };
}
