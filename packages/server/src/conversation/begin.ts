import type { Out } from "./effect.ts";
import { rest } from "./rest.ts";
import type { Live, Setup, State, StateOf } from "./state.ts";
import { ask, openTurn, remember, speak } from "./turn.ts";

/** The line stands: the call is ongoing, and the welcome is given in its mode. */
export function connect(state: StateOf<"queued">, out: Out): State {
  out.entries.push({ type: "status-changed", status: "ongoing" });
  const { setup } = state.core;
  const core: Live = { ...state.core, endsAt: out.now + setup.maxCallMs, warnAt: warnAt(setup, out.now) };
  const { mode, text } = setup.welcome;
  switch (mode) {
    case "assistant-speaks-first":
      return rest(text === "" ? core : speak(core, { text, origin: "welcome" }, out), out);
    case "assistant-waits-for-user":
      return rest(core, out);
    case "automatic": {
      const { core: opened, turn } = openTurn(core, "welcome", out);
      return ask({ core: remember(opened, { role: "system", text: firstWords }), turn }, out);
    }
  }
}

function warnAt({ warning, maxCallMs }: Setup, now: number): number | undefined {
  const isInTime = warning !== undefined && warning.beforeMs < maxCallMs;
  return isInTime ? now + maxCallMs - warning.beforeMs : undefined;
}

/** Model servers refuse a conversation without a message, and a model without a hint may wait for one. */
const firstWords = "The call has just begun. Say the first words.";
