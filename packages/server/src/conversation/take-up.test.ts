import { ok as must } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextDeadline } from "./deadline.ts";
import { readBack } from "./read-back.ts";
import type { State } from "./state.ts";
import type { Plan } from "./testing/moves.ts";
import { checkPairs, newIdOf } from "./testing/reading.ts";
import { callId } from "./testing/setup.ts";
import { chats, cutAfter, journalOf, playMoves, playPunctually, takesUp } from "./testing/taken-up.ts";
import type { Talk } from "./testing/talk.ts";

const runs = 400;
const share = fc.nat(1_000).map((luck) => luck / 1_000);

/** Whether nothing was under way that the journal does not show yet. */
function isAtRest({ name }: State): boolean {
  return name === "queued" || name === "listening" || name === "acting";
}

/** What waits; a warning that came due while a model spoke comes when the call goes on. */
function waiting({ core }: State): State["core"]["agenda"] {
  return core.agenda.filter(({ kind }) => kind !== "warning");
}

function explained(call: Talk, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${String(error)}\n${call.story}`, { cause: error });
  }
}

type Taking = { pauseMs: number; moves: Plan["moves"] };

const takings: fc.Arbitrary<Taking[]> = fc.array(
  fc.record({
    pauseMs: fc.constantFrom(0, 1, 900, 5_000, 60_000, 1_000_000),
    moves: chats.map(({ moves }) => moves.slice(0, 15)),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Plays a chat whose server is lost again and again. */
function playOverServers(plan: Plan, luck: number, all: readonly Taking[]): Talk {
  const whole = playPunctually(plan);
  const call = cutAfter(whole, Math.ceil(luck * whole.steps.length), plan.setup);
  explained(call, () => {
    for (const { pauseMs, moves } of all) {
      if (call.state.name === "ended") return;
      takesUp(call, plan.setup, pauseMs);
      playMoves(call, moves);
    }
  });
  return call;
}

/** Holds a check against every chat that goes over several servers. */
function assertOverServers(check: (call: Talk) => void): void {
  const property = fc.property(chats, share, takings, (plan, luck, all) => {
    const call = playOverServers(plan, luck, all);
    explained(call, () => check(call));
  });
  fc.assert(property, { numRuns: runs });
}

describe("a chat, whatever was said in it,", () => {
  it("is read back from its journal as it was, but for what a model has begun to say", () => {
    const check = fc.property(chats, share, (plan, luck) => {
      const whole = playPunctually(plan);
      const call = cutAfter(whole, Math.ceil(luck * whole.steps.length), plan.setup);
      if (call.state.name === "ended") return;
      explained(call, () => {
        const read = readBack({ id: callId, setup: plan.setup, entries: journalOf(call) }, call.now);
        must(read !== undefined, "it is not read back");
        if (isAtRest(call.state)) expect(read.state).toEqual(call.state);
        must(isDeepStrictEqual(waiting(read.state), waiting(call.state)), "another agenda");
        must(isDeepStrictEqual(read.state.core.made, call.state.core.made), "other counts");
      });
    });
    fc.assert(check, { numRuns: runs });
  });

  it("is read back in the same way when it was taken up before", () => {
    const check = fc.property(chats, share, takings, (plan, luck, all) => {
      const call = playOverServers(plan, luck, all);
      if (!isAtRest(call.state)) return;
      explained(call, () => {
        const read = readBack({ id: callId, setup: plan.setup, entries: journalOf(call) }, call.now);
        expect(read?.state).toEqual(call.state);
      });
    });
    fc.assert(check, { numRuns: runs });
  });
});

describe("over the journal of several servers", () => {
  it("I2: statuses climb, each at most once; nothing follows finished but tool-answered", () => {
    assertOverServers((call) => {
      const ladder = ["queued", "ongoing", "forwarded", "finished"];
      let rung = 0;
      for (const entry of call.entries) {
        must(rung < 3 || entry.type === "tool-answered", `${entry.type} after the end`);
        if (entry.type !== "status-changed") continue;
        must(ladder.indexOf(entry.status) > rung, `${entry.status} after ${ladder[rung]}`);
        rung = ladder.indexOf(entry.status);
      }
      must((call.state.name === "ended") === (rung === 3), "it has ended, or it has not");
    });
  });

  it("I3, I4, I9: one turn and one request at a time, one hang in a turn", () => {
    assertOverServers((call) => {
      let turn: { id: string; hangs: number } | undefined;
      let asked: string | undefined;
      for (const entry of call.entries) {
        if (entry.type === "turn-started") {
          must(turn === undefined, "a turn begins in a turn");
          turn = { id: entry.turnId, hangs: 0 };
        }
        if (entry.type === "hang")
          must(turn?.id === entry.hang.turnId && (turn.hangs += 1) === 1, "a second hang");
        if (entry.type === "model-requested") {
          must(
            asked === undefined && entry.turnId === turn?.id,
            "a second request, or one outside of the turn",
          );
          asked = entry.replyId;
        }
        if (entry.type === "model-answered") {
          must(asked === entry.replyId, "an answer to nothing");
          asked = undefined;
        }
        if (entry.type !== "turn-ended") continue;
        must(turn?.id === entry.turnId, "another turn ends than is open");
        turn = undefined;
      }
      must(
        turn?.id === ("turn" in call.state ? call.state.turn?.id : undefined),
        "the state has another turn",
      );
      must(
        asked === ("reply" in call.state ? call.state.reply.id : undefined),
        "the state has another request",
      );
    });
  });

  it("I5, I6: a tool is sent at most once, after it was written, and answered at most once", () => {
    assertOverServers((call) => {
      const sent = new Set<string>();
      const open = new Set<string>();
      for (const { entries, effects } of call.steps) {
        for (const entry of entries) {
          if (entry.type === "tool-requested") open.add(entry.toolCallId);
          if (entry.type === "tool-answered")
            must(open.delete(entry.toolCallId), "answered twice, or never asked");
        }
        for (const effect of effects) {
          if (effect.type !== "ask-tool") continue;
          must(!sent.has(effect.toolCallId), "sent twice");
          must(open.has(effect.toolCallId), "sent before it was written, or after it was answered");
          sent.add(effect.toolCallId);
        }
      }
    });
  });

  it("I7: ids never repeat, nor does that of a message which was shown in part", () => {
    assertOverServers((call) => {
      const ids = call.entries.flatMap((entry) => newIdOf(entry) ?? []);
      must(new Set(ids).size === ids.length, "an id repeats");
      const shown = new Set<string>();
      for (const { entries, effects } of call.steps) {
        if (entries.some(({ type }) => type === "taken-up")) shown.clear();
        for (const effect of effects) if (effect.type === "say") shown.add(effect.messageId);
        for (const entry of entries) {
          if (
            entry.type === "message-added" &&
            entry.message.role === "assistant" &&
            entry.origin !== "control"
          )
            must(shown.has(entry.message.messageId), "written by another server than showed it");
        }
      }
    });
  });

  it("I10: a call left alone ends by its deadlines, however it was taken up", () => {
    assertOverServers((call) => {
      for (let wakings = 0; call.state.name !== "ended"; wakings += 1) {
        must(wakings < 1_000, "it is woken for ever");
        call.now = Math.max(call.now, nextDeadline(call.state)?.at ?? Infinity);
        call.wakes();
      }
    });
  });

  it("I12: the model is given no tool call without its result", () => {
    assertOverServers((call) => {
      for (const { effects } of call.steps)
        for (const effect of effects)
          if (effect.type === "ask-model") checkPairs(effect.request.messages, "strict");
    });
  });

  it("I13: every word that was heard is written once", () => {
    assertOverServers((call) => {
      const heard = call.steps.flatMap(({ event, before }) =>
        event.type === "heard" && before.name !== "ended" ? [event.text] : [],
      );
      const written = call.entries.flatMap((entry) =>
        entry.type === "message-added" && entry.message.role === "user" && entry.message.text !== "Added."
          ? [entry.message.text]
          : [],
      );
      must(isDeepStrictEqual(written, heard), "other words were written");
    });
  });
});
