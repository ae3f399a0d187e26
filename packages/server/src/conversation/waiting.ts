import type { Out } from "./effect.ts";
import type { Agendum, Core, Remembered } from "./state.ts";
import { remember, type Words, writeWords } from "./turn.ts";

/** What the user said and the model is not given yet: it was said over something that goes on. */
export function wordsIn({ agenda }: Core): readonly string[] {
  return agenda.flatMap((item) => (item.kind === "words" ? item.said : []));
}

export function asMessage(text: string): Remembered {
  return { role: "user", text };
}

/**
 * Writes words that stop nothing, and lets them wait: in the history they come
 * after that over which they were said. `respond` when they are answered then.
 */
export function putOff<Of extends Core>(
  core: Of,
  { respond, ...words }: Words & { respond: boolean },
  out: Out,
): Of {
  const waits = respond && core.attention === "answering";
  return queue(writeWords(core, { ...words, waits }, out), { text: words.text, respond: waits });
}

/** One item holds all words, so that they find a place on every agenda. */
function queue<Of extends Core>(core: Of, { text, respond }: { text: string; respond: boolean }): Of {
  const { agenda } = core;
  const at = agenda.findIndex(({ kind }) => kind === "words");
  const before = agenda[at];
  if (before?.kind !== "words")
    return { ...core, agenda: [...agenda, { kind: "words", said: [text], respond }] };
  const said = [...before.said, text];
  return { ...core, agenda: agenda.with(at, { ...before, said, respond: before.respond || respond }) };
}

/** Takes the words off the agenda, and remembers them. */
export function takeUp<Of extends Core>(core: Of): Of {
  return remember(withoutWords(core), ...wordsIn(core).map(asMessage));
}

export function withoutWords<Of extends Core>(core: Of): Of {
  return { ...core, agenda: core.agenda.filter(({ kind }) => kind !== "words") };
}

/** Words that waited when the call is muted are not answered; the history has them all the same. */
export function unanswered(agenda: readonly Agendum[]): readonly Agendum[] {
  return agenda.map((item) => (item.kind === "words" ? { ...item, respond: false } : item));
}
