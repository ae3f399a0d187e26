import { ok as must } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, it } from "vitest";
import { nextDeadline } from "./deadline.ts";
import type { Event } from "./event.ts";
import { limits } from "./limits.ts";
import type { State } from "./state.ts";
import { step } from "./step.ts";
import { freeze } from "./testing/freeze.ts";
import { ledger } from "./testing/ledger.ts";
import { plans } from "./testing/moves.ts";
import { play } from "./testing/play.ts";
import {
  checkPairs,
  endingsIn,
  entriesOf,
  eventsOfReply,
  isWaitedFor,
  newIdOf,
  noteSpoken,
  type Spoken,
} from "./testing/reading.ts";
import type { Talk } from "./testing/talk.ts";

const runs = 1_000;

/** Tries an invariant on random talks; a failure shows the shortest talk that breaks it, and the seed. */
function assertAlways(check: (call: Talk) => void): void {
  const tried = fc.property(plans, (plan) => {
    const call = play(plan);
    try {
      check(call);
    } catch (error) {
      throw new Error(`${String(error)}\n${call.story}`, { cause: error });
    }
  });
  fc.assert(tried, { numRuns: runs });
}

const toolOfNobody: Event = {
  type: "tool-answered",
  toolCallId: "tool_nobody_1",
  outcome: { kind: "result", result: "x", understoodAs: "result-text" },
};

/** Words that find the agenda full join those before them, in a line of their own. */
const linesIn = (text: string): string[] => text.split("\n");

const isSame = (before: State, event: Event, now: number): boolean => {
  const { state, entries, effects } = step(before, event, now);
  return state === before && entries.length === 0 && effects.length === 0;
};

describe("whatever happens", () => {
  it("I1: step is deterministic and changes nothing that it was given", () => {
    assertAlways((call) => {
      for (const { before, event, now, after, entries, effects } of call.steps) {
        freeze(before);
        freeze(event);
        must(
          isDeepStrictEqual(step(before, event, now), { state: after, entries, effects }),
          "came out otherwise",
        );
      }
    });
  });

  it("I2: statuses climb, each at most once; nothing follows finished but tool-answered", () => {
    assertAlways((call) => {
      const ladder = ["queued", "ongoing", "forwarded", "finished"];
      let rung = 0;
      for (const { entries, after } of call.steps) {
        for (const entry of entries) {
          must(rung < 3 || entry.type === "tool-answered", `${entry.type} after the end`);
          if (entry.type !== "status-changed") continue;
          const next = ladder.indexOf(entry.status);
          must(next > rung, `${entry.status} after ${ladder[rung]}`);
          must(entry.status !== "forwarded" || rung === 1, "forwarded before the line stood");
          must(
            entry.status !== "finished" || (entry.endedReason && entry.callEndTriggerBy),
            "no reason for the end",
          );
          rung = next;
        }
        must((after.name === "ended") === (rung === 3), `${after.name} at ${ladder[rung]}`);
        must((after.name === "queued") === (rung === 0), `${after.name} at ${ladder[rung]}`);
      }
    });
  });

  it("I3: at most one turn is open; every turn that began ends once, at the latest with the call", () => {
    assertAlways((call) => {
      let open: string | undefined;
      for (const { entries, after } of call.steps) {
        for (const entry of entries) {
          if (entry.type === "turn-started") {
            must(open === undefined, "a turn begins in a turn");
            open = entry.turnId;
          }
          if (entry.type === "model-requested")
            must(entry.turnId === open, "a model is asked outside of the turn");
          if (entry.type !== "turn-ended") continue;
          must(entry.turnId === open, "another turn ends than is open");
          open = undefined;
        }
        must(("turn" in after ? after.turn.id : undefined) === open, "the state has another turn");
      }
    });
  });

  it("I4: at most one hang in a turn, never before the threshold since the last content", () => {
    assertAlways((call) => {
      for (const line of ledger(call)) {
        const { entries, now, before, turn, firstContent } = line;
        const { hangThresholdMs } = before.core.setup;
        for (const { hang } of entriesOf(entries, "hang")) {
          must(turn && !turn.hung && hang.turnId === turn.id, "a hang of no turn, or a second one");
          must(
            hang.elapsedMs === now - turn.quietSince && hang.elapsedMs >= hangThresholdMs,
            "a hang too early",
          );
          must(
            hang.thresholdMs === hangThresholdMs && isWaitedFor(line, hang),
            "a hang of what nobody waits for",
          );
        }
        const recoveries = entriesOf(entries, "hang-recovered");
        const due = firstContent && turn?.hung === true && !turn.recovered;
        must(recoveries.length === (due ? 1 : 0), "content after a hang is its recovery, once");
        for (const { hang } of recoveries)
          must(hang.elapsedMs === now - (turn?.quietSince ?? now), "a wrong time");
        if ((before.name === "thinking" || before.name === "acting") && turn && !turn.hung) {
          must(
            (nextDeadline(before)?.at ?? Infinity) <= turn.quietSince + hangThresholdMs,
            "not woken for the hang",
          );
        }
      }
    });
  });

  it("I5: a tool is asked only by a kept reply, once, and after it was written", () => {
    assertAlways((call) => {
      const asked = new Set<string>();
      for (const { effects, entries, event, underWay } of ledger(call)) {
        for (const effect of effects) {
          if (effect.type !== "ask-tool") continue;
          must(!asked.has(effect.toolCallId), "asked twice");
          asked.add(effect.toolCallId);
          must(
            event.type === "model-finished" && event.replyId === underWay,
            "asked by what is no finished reply",
          );
          const kept = entriesOf(entries, "model-answered").some(
            ({ replyId, outcome }) => replyId === underWay && outcome === "kept",
          );
          must(kept, "asked by a reply that was not kept");
          const written = entriesOf(entries, "tool-requested").find(
            ({ toolCallId }) => toolCallId === effect.toolCallId,
          );
          must(written && written.name === effect.tool.name, "asked before it was written");
          const called = event.toolCalls[entriesOf(entries, "tool-requested").indexOf(written)];
          must(
            called?.modelCallId === effect.modelCallId && called.name === written.name,
            "asked for another call",
          );
          must(
            called.arguments.kind === "read" && called.arguments.value === effect.arguments,
            "asked with other arguments",
          );
        }
      }
    });
  });

  it("I6: a tool call is answered at most once", () => {
    assertAlways((call) => {
      const open = new Map<string, string>();
      for (const entry of call.entries) {
        if (entry.type === "tool-requested") open.set(entry.toolCallId, entry.name);
        if (entry.type !== "tool-answered") continue;
        must(open.get(entry.toolCallId) === entry.name, "answered twice, or never asked");
        open.delete(entry.toolCallId);
      }
    });
  });

  it("I7: ids of messages, turns, replies and tool calls never repeat", () => {
    assertAlways((call) => {
      const ids = call.entries.flatMap((entry) => newIdOf(entry) ?? []);
      must(new Set(ids).size === ids.length, "an id repeats");
    });
  });

  it("I8: what was said under a message's id is what the journal holds under it", () => {
    assertAlways((call) => {
      const said = new Map<string, Spoken>();
      const written = new Set<string>();
      for (const { effects, entries, before, event, after } of call.steps) {
        for (const effect of effects) noteSpoken(said, effect);
        for (const { message, heard } of entriesOf(entries, "message-added")) {
          written.add(message.messageId);
          const spoken = said.get(message.messageId);
          if (spoken === undefined) continue;
          if (heard === "whole")
            must(spoken.end === "said" && spoken.text === message.text, "written otherwise than said");
          else
            must(spoken.end === "hushed" && spoken.text.startsWith(message.text), "cut otherwise than said");
        }
        const streaming = after.name === "replying" ? after.reply.messageId : undefined;
        const touched = effects.flatMap((effect) => (effect.type === "say" ? [effect.messageId] : []));
        if (before.name === "replying") touched.push(before.reply.messageId);
        for (const messageId of touched.filter((id) => id !== streaming && said.has(id))) {
          const isUnheard =
            event.type === "interrupted" && event.text === "" && event.messageId === messageId;
          must(said.get(messageId)?.end, "said, and left open");
          must(written.has(messageId) || isUnheard, "said, and not written");
        }
      }
    });
  });

  it("I9: at most one model request is under way", () => {
    assertAlways((call) => {
      for (const { underWay, event, effects, after } of ledger(call)) {
        const isLast = event.type === "model-finished" || event.type === "model-failed";
        let open = isLast && event.replyId === underWay ? undefined : underWay;
        for (const effect of effects) {
          if (effect.type === "stop-model" && effect.replyId === open) open = undefined;
          if (effect.type !== "ask-model") continue;
          must(open === undefined, "a second request");
          open = effect.replyId;
        }
        must(
          open === ("reply" in after ? after.reply.id : undefined),
          "a request that the state does not know",
        );
      }
    });
  });

  it("I10: every state but ended has a deadline, and a call left alone ends by its deadlines", () => {
    assertAlways((call) => {
      for (const { after } of call.steps) {
        const at = nextDeadline(after)?.at;
        must(
          after.name === "ended" ? at === undefined : Number.isFinite(at),
          `${after.name} without a deadline`,
        );
        if (at !== undefined)
          must(isSame(after, { type: "deadline-passed" }, at - 1), "woken early, it acts");
      }
      for (let wakings = 0; call.state.name !== "ended"; wakings += 1) {
        must(wakings < 1_000, "it is woken for ever");
        call.now = Math.max(call.now, nextDeadline(call.state)?.at ?? call.now);
        must(!isSame(call.state, { type: "deadline-passed" }, call.now), "woken in time, it does nothing");
        call.wakes();
      }
    });
  });

  it("I11: events of another reply or an unknown tool call change nothing", () => {
    assertAlways((call) => {
      for (const line of ledger(call)) {
        const { event, underWay, waitedFor, before, after, now } = line;
        const strange =
          ("replyId" in event && event.replyId !== underWay) ||
          (event.type === "tool-answered" && !waitedFor.has(event.toolCallId));
        if (strange)
          must(
            after === before && line.entries.length + line.effects.length === 0,
            "a strange event did something",
          );
        const others = call.replyIds.filter((id) => !("reply" in after) || after.reply.id !== id).slice(-4);
        for (const replyId of [...others, "reply_nobody_1"])
          for (const one of eventsOfReply(replyId)) must(isSame(after, one, now), one.type);
        must(isSame(after, toolOfNobody, now), "an unknown tool call");
      }
    });
  });

  it("I12: in the history every tool call is followed by its result before anything else", () => {
    assertAlways((call) => {
      for (const { after, effects } of call.steps) {
        for (const effect of effects)
          if (effect.type === "ask-model") checkPairs(effect.request.messages, "strict");
        checkPairs(after.core.history, "open-end");
      }
    });
  });

  it("I13: no word that was heard is lost: each is written as a message of the user", () => {
    assertAlways((call) => {
      const written = new Map<string, number>();
      const heard: string[] = [];
      for (const { event, before, after, entries } of call.steps) {
        if (event.type === "heard" && before.name !== "ended") heard.push(event.text);
        for (const { message } of entriesOf(entries, "message-added")) {
          if (message.role !== "user") continue;
          for (const text of linesIn(message.text)) written.set(text, (written.get(text) ?? 0) + 1);
        }
        const waiting = after.core.agenda.flatMap((item) =>
          item.kind === "words" ? linesIn(item.text) : [],
        );
        for (const text of heard) {
          const times = (written.get(text) ?? 0) + waiting.filter((one) => one === text).length;
          must(times === 1, `"${text}" is lost or doubled`);
        }
      }
    });
  });

  it("I14: the agenda never exceeds its limit", () => {
    assertAlways((call) => {
      for (const { after } of call.steps) {
        const { agenda } = after.core;
        must(agenda.length <= limits.agendaMax, "too much waits");
      }
    });
  });

  it("I15: endCall of a discarded reply does not end the call", () => {
    assertAlways((call) => {
      let allowed: string[] = [];
      for (const line of ledger(call)) {
        const { event, before, underWay } = line;
        const said = before.name === "replying" ? (call.said.get(before.reply.messageId) ?? "") : "";
        if (event.type === "model-finished" && event.replyId === underWay) allowed = endingsIn(line, said);
        for (const entry of line.entries) {
          if (entry.type === "model-requested") {
            must(allowed.length === 0, "a kept reply ends the call, and yet the model is asked");
          }
          if (entry.type !== "status-changed" || entry.callEndTriggerBy !== "assistant") continue;
          must(
            allowed.includes(entry.endedReason ?? ""),
            `${entry.endedReason} without a kept reply that wants it`,
          );
        }
      }
    });
  });
});
