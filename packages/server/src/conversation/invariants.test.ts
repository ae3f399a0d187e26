import { ok as must } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Happening } from "@offhook/protocol";
import { describe, it } from "vitest";
import { nextDeadline } from "./deadline.ts";
import type { Event } from "./event.ts";
import { limits } from "./limits.ts";
import type { State } from "./state.ts";
import { step } from "./step.ts";
import { assertAlways } from "./testing/always.ts";
import { freeze } from "./testing/freeze.ts";
import { ledger } from "./testing/ledger.ts";
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

const toolOfNobody: Event = {
  type: "tool-answered",
  toolCallId: "tool_nobody_1",
  outcome: { kind: "result", result: "x", understoodAs: "result-text" },
};

const wordsOf = (entries: readonly Happening[]): string[] =>
  entriesOf(entries, "message-added").flatMap(({ message }) =>
    message.role === "user" ? [message.text] : [],
  );

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
        must(("turn" in after ? after.turn?.id : undefined) === open, "the state has another turn");
      }
    });
  });

  it("I4: at most one hang in a turn, never before the threshold since the last content, never while the user speaks", () => {
    assertAlways((call) => {
      for (const line of ledger(call)) {
        const { entries, now, before, turn, firstContent, moreHeard } = line;
        const isSpeaking = before.core.user.kind === "speaking";
        const { hangThresholdMs } = before.core.setup;
        for (const { hang } of entriesOf(entries, "hang")) {
          must(turn && !turn.hung && hang.turnId === turn.id, "a hang of no turn, or a second one");
          must(!isSpeaking, "a hang while the user speaks");
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
        const ends = turn?.hung?.phase === "speech" ? moreHeard : firstContent;
        const due = ends && turn?.hung !== undefined && !turn.recovered;
        must(recoveries.length === (due ? 1 : 0), "content after a hang is its recovery, once");
        for (const { hang } of recoveries)
          must(hang.elapsedMs === now - (turn?.hung?.quietSince ?? now), "a wrong time");
        if ((before.name === "thinking" || before.name === "acting") && turn && !turn.hung && !isSpeaking) {
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
      for (const { effects, entries, event, before, underWay } of ledger(call)) {
        const answer =
          before.name === "held" ? before.answer : event.type === "model-finished" ? event : undefined;
        for (const effect of effects) {
          if (effect.type !== "ask-tool") continue;
          must(!asked.has(effect.toolCallId), "asked twice");
          asked.add(effect.toolCallId);
          must(answer && underWay, "asked by what is no finished reply");
          const kept = entriesOf(entries, "model-answered").some(
            ({ replyId, outcome }) => replyId === underWay && outcome === "kept",
          );
          must(kept, "asked by a reply that was not kept");
          const written = entriesOf(entries, "tool-requested").find(
            ({ toolCallId }) => toolCallId === effect.toolCallId,
          );
          must(written && written.name === effect.tool.name, "asked before it was written");
          const called = answer.toolCalls[entriesOf(entries, "tool-requested").indexOf(written)];
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

  it("I8: what the journal holds under a message's id is what was heard of what was said under it", () => {
    assertAlways((call) => {
      const said = new Map<string, Spoken>();
      const written = new Set<string>();
      const { playback } = call.state.core.setup;
      for (const { effects, entries, event, after } of call.steps) {
        if (event.type === "playing") {
          const spoken = said.get(event.messageId);
          const heard = Math.min(event.characters, spoken?.text.length ?? 0);
          if (spoken && spoken.end !== "hushed")
            said.set(event.messageId, { ...spoken, heard: Math.max(spoken.heard, heard) });
        }
        for (const effect of effects) noteSpoken(said, effect);
        for (const { message, heard } of entriesOf(entries, "message-added")) {
          must(!written.has(message.messageId), "written twice");
          written.add(message.messageId);
          const spoken = said.get(message.messageId);
          if (spoken === undefined) continue;
          if (heard === "whole") must(spoken.text === message.text, "written otherwise than said");
          const part = playback === "instant" ? spoken.text : spoken.text.slice(0, spoken.heard);
          if (heard === "cut")
            must(spoken.end === "hushed" && message.text === part, "cut otherwise than heard");
        }
        const open = new Set(after.core.playback.queue.map(({ messageId }) => messageId));
        for (const [messageId, { end, heard, text }] of said) {
          if (open.has(messageId)) continue;
          must(end, "said, and left open");
          const isUnheard = playback === "reported" && text.slice(0, heard).trim() === "";
          must(written.has(messageId) || isUnheard, "said, and not written");
        }
      }
    });
  });

  it("I9: at most one model request is under way", () => {
    assertAlways((call) => {
      for (const { underWay, event, effects, entries, after } of ledger(call)) {
        const isLast = event.type === "model-finished" || event.type === "model-failed";
        let open = isLast && event.replyId === underWay && after.name !== "held" ? undefined : underWay;
        if (entriesOf(entries, "model-answered").some(({ replyId }) => replyId === open)) open = undefined;
        for (const effect of effects) {
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
          ("replyId" in event && (event.replyId !== underWay || before.name === "held")) ||
          (event.type === "tool-answered" && !waitedFor.has(event.toolCallId));
        if (strange)
          must(
            after === before && line.entries.length + line.effects.length === 0,
            "a strange event did something",
          );
        const isAsked = after.name === "thinking" || after.name === "replying";
        const others = call.replyIds.filter((id) => !isAsked || after.reply.id !== id).slice(-4);
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

  it("I13: no word that was heard is lost: the step that heard it writes it, once, as a message of the user", () => {
    assertAlways((call) => {
      const said = new Set<string>();
      for (const { event, before, entries } of call.steps) {
        const heard = event.type === "heard" && before.name !== "ended" ? [event.text] : [];
        for (const text of heard) said.add(text);
        const written = wordsOf(entries).filter((text) => said.has(text));
        must(isDeepStrictEqual(written, heard), `heard "${heard.join()}", and wrote "${written.join()}"`);
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

  it("I15: endCall of a discarded reply does not end the call, nor does one whose goodbye was cut", () => {
    assertAlways((call) => {
      let allowed: string[] = [];
      for (const line of ledger(call)) {
        const { before, entries, event, effects } = line;
        const kept = entriesOf(entries, "model-answered").some(({ outcome }) => outcome === "kept");
        const answer =
          before.name === "held" ? before.answer : event.type === "model-finished" ? event : undefined;
        const text = "reply" in before && "text" in before.reply ? before.reply.text : "";
        if (kept && answer) allowed = endingsIn(line, answer, text);
        if (event.type === "heard" && effects.some(({ type }) => type === "hush")) allowed = [];
        for (const entry of entries) {
          if (entry.type === "model-requested") {
            must(allowed.length === 0, "a kept reply ends the call, and yet the model is asked");
          }
          if (entry.type !== "status-changed" || entry.callEndTriggerBy !== "assistant") continue;
          must(
            allowed.includes(entry.endedReason ?? ""),
            `${entry.endedReason} without a kept reply that wants it, and was heard`,
          );
        }
      }
    });
  });
});
