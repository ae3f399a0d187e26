import type { HappeningOf } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import { write } from "./speech.ts";
import type { Agendum, Live, State, StateOf, Turn } from "./state.ts";
import { ask, closeTurn, mint, openTurn, remember, speak, takeWords, type Words } from "./turn.ts";
import { asMessage, takeUp } from "./waiting.ts";

/** The reply is said; when it was heard too, its turn is answered and the call goes on with what waited. */
export function answered(core: Live, turn: Turn, out: Out): State {
  const left = { ...core, failedTurns: 0 };
  if (core.playback.queue.length > 0) return { name: "speaking", core: left, turn };
  closeTurn(turn, "answered", out);
  return rest(left, out);
}

/** Works off the agenda as long as nobody speaks; listens when nothing is left that makes the assistant speak. */
export function rest(core: Live, out: Out): State {
  let left = core;
  for (let [item, ...agenda] = left.agenda; item !== undefined; [item, ...agenda] = left.agenda) {
    if (left.playback.queue.length > 0 || left.user.kind === "speaking") break;
    const next = take({ ...left, agenda }, item, out);
    if (next.name !== "listening") return next;
    left = next.core;
  }
  return quiet(left, out);
}

/** The assistant has nothing more to do: it is still being heard, or it listens. */
export function quiet(core: Live, out: Out): StateOf<"listening"> | StateOf<"speaking"> {
  return core.playback.queue.length > 0
    ? { name: "speaking", core, turn: undefined }
    : { name: "listening", core, since: out.now };
}

/** The user's words, heard while nothing else was going on: one turn answers them and those that waited. */
export function hear(core: Live, words: Words, out: Out): State {
  const left = takeUp(core);
  if (core.attention === "muted") return rest(takeWords(left, words, out), out);
  const { core: opened, turn } = openTurn(left, "user", out);
  return ask({ core: takeWords(opened, { ...words, turnId: turn.id }, out), turn }, out);
}

function take(core: Live, item: Agendum, out: Out): State {
  switch (item.kind) {
    case "words": {
      const left = remember(core, ...item.said.map(asMessage));
      return item.respond ? respond(left, "user", out) : quiet(left, out);
    }
    case "say":
      return quiet(speak(core, { text: item.text, origin: "control" }, out), out);
    case "message":
      return addMessage(core, item, out);
    case "tool-result": {
      const text = `The result of ${item.name} has come: ${JSON.stringify(item.result)}`;
      return respond(remember(core, { role: "system", text }), "tool-result", out);
    }
    case "warning":
      return warn(core, item, out);
  }
}

function addMessage(core: Live, item: Extract<Agendum, { kind: "message" }>, out: Out): State {
  const added = addWords(core, item, out);
  return item.respond ? respond(added, "control", out) : quiet(added, out);
}

function addWords(core: Live, item: Extract<Agendum, { kind: "message" }>, out: Out): Live {
  const { role, text } = item;
  if (role === "system") return remember(core, { role, text });
  if (role === "user") return takeWords(core, { text }, out);
  const { core: next, id } = mint(core, "messages");
  write({ messageId: id, role, text, timestamp: out.now }, out, { origin: "control" });
  return remember(next, { role, text, toolCalls: [] });
}

function warn(core: Live, { text, leftMs }: Extract<Agendum, { kind: "warning" }>, out: Out): State {
  if (text !== undefined) return quiet(speak(core, { text, origin: "warning" }, out), out);
  const note = `The call ends in ${Math.round(leftMs / 1_000)} seconds. Tell the user, and bring it to a good end.`;
  return respond(remember(core, { role: "system", text: note }), "warning", out);
}

function respond(core: Live, cause: HappeningOf<"turn-started">["cause"], out: Out): State {
  if (core.attention === "muted") return quiet(core, out);
  const { core: opened, turn } = openTurn(core, cause, out);
  return ask({ core: opened, turn }, out);
}
