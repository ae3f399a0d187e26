import { closeTurn, openTurn, ask, remember, speak, takeWords, write, mint, type Words } from "./turn.ts";
import type { Out } from "./effect.ts";
import type { Agendum, Core, Live, State, Turn } from "./state.ts";

/** Ends the turn as answered, and goes on with what waited. */
export function answered(core: Live, turn: Turn, out: Out): State {
  closeTurn(turn, "answered", out);
  return rest({ ...core, failedTurns: 0 }, out);
}

/** Works off the agenda; listens when nothing is left that makes the assistant speak. */
export function rest(core: Live, out: Out): State {
  let left = core;
  for (let [item, ...agenda] = left.agenda; item !== undefined; [item, ...agenda] = left.agenda) {
    const next = take({ ...left, agenda }, item, out);
    if (next.name !== "listening") return next;
    left = next.core;
  }
  return { name: "listening", core: left };
}

/** The user's words, heard while nothing else was going on. */
export function hear(core: Live, words: Words, out: Out): State {
  return hearAll(core, [...wordsIn(core), words], out);
}

/** One turn for all that the user said, in the order of saying. */
function hearAll(core: Live, words: readonly Words[], out: Out): State {
  const left = withoutWords(core);
  if (core.attention === "muted") return { name: "listening", core: takeAll(left, { words }, out) };
  const { core: opened, turn } = openTurn(left, "user", out);
  return ask(takeAll(opened, { words, turnId: turn.id }, out), turn, out);
}

/** What the user said and nobody has written yet. */
export function wordsIn({ agenda }: Core): Words[] {
  return agenda.flatMap((item) => (item.kind === "words" ? [{ text: item.text }] : []));
}

function withoutWords<Of extends Core>(core: Of): Of {
  return { ...core, agenda: core.agenda.filter(({ kind }) => kind !== "words") };
}

/** Writes what the user said, and before it what the user said earlier and that waited. */
export function takeAll<Of extends Core>(
  core: Of,
  said: { words: readonly Words[]; turnId?: string },
  out: Out,
): Of {
  let left = withoutWords(core);
  for (const words of wordsIn(core)) left = takeWords(left, { ...words, turnId: said.turnId }, out);
  for (const words of said.words) left = takeWords(left, { ...words, turnId: said.turnId }, out);
  return left;
}

function take(core: Live, item: Agendum, out: Out): State {
  switch (item.kind) {
    case "words":
      return hearAll(core, [{ text: item.text }, ...wordsIn(core)], out);
    case "say":
      return { name: "listening", core: speak(core, item.text, out).core };
    case "message":
      return addMessage(core, item, out);
    case "tool-result": {
      const text = `The result of ${item.name} has come: ${JSON.stringify(item.result)}`;
      return respond(remember(core, { role: "system", text }), "tool-result", out);
    }
  }
}

function addMessage(core: Live, item: Extract<Agendum, { kind: "message" }>, out: Out): State {
  const added = addWords(core, item, out);
  return item.respond ? respond(added, "control", out) : { name: "listening", core: added };
}

function addWords(core: Live, item: Extract<Agendum, { kind: "message" }>, out: Out): Live {
  const { role, text } = item;
  if (role === "system") return remember(core, { role, text });
  if (role === "user") return takeWords(core, { text }, out);
  const { core: next, id } = mint(core, "messages");
  write({ messageId: id, role, text, timestamp: out.now }, out);
  return remember(next, { role, text, toolCalls: [] });
}

function respond(core: Live, cause: "tool-result" | "control", out: Out): State {
  if (core.attention === "muted") return { name: "listening", core };
  const { core: opened, turn } = openTurn(core, cause, out);
  return ask(opened, turn, out);
}
