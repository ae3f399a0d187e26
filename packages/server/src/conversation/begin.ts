import { ask, openTurn, remember, speak } from "./turn.ts";
import type { Out } from "./effect.ts";
import { rest } from "./rest.ts";
import type { Live, State, StateOf } from "./state.ts";

/** The line stands: the call is ongoing, and the welcome is given in its mode. */
export function connect(state: StateOf<"queued">, out: Out): State {
  out.entries.push({ type: "status-changed", status: "ongoing" });
  const { setup } = state.core;
  const core: Live = { ...state.core, endsAt: out.now + setup.maxCallMs };
  switch (setup.welcome.mode) {
    case "assistant-speaks-first":
      return rest(setup.welcome.text === "" ? core : speak(core, setup.welcome.text, out).core, out);
    case "assistant-waits-for-user":
      return rest(core, out);
    case "automatic": {
      const { core: opened, turn } = openTurn(core, "welcome", out);
      return ask(remember(opened, { role: "system", text: firstWords }), turn, out);
    }
  }
}

/** Model servers refuse a conversation without a message, and a model without a hint may wait for one. */
const firstWords = "The call has just begun. Say the first words.";
