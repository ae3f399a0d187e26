import { ok as must } from "node:assert/strict";
import { describe, it } from "vitest";
import { axesOf } from "./axes.ts";
import type { Effect } from "./effect.ts";
import type { State } from "./state.ts";
import { assertAlways } from "./testing/always.ts";
import { ledger } from "./testing/ledger.ts";
import { entriesOf } from "./testing/reading.ts";
import type { Taken } from "./testing/talk.ts";

const hushed = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.type === "hush" ? [effect.messageId] : []));

const hasFloor = ({ core: { user } }: State): boolean => user.kind === "speaking" && user.floor === "taken";

const isAudible = ({ core }: State): boolean =>
  core.playback.queue.some(({ said, heard }) => said.slice(0, heard).trim() !== "");

const isAcknowledgement = (text: string): boolean => text === "Hmm.";

describe("whatever is heard", () => {
  it("I16: the axes fit the state: the assistant speaks only when something is to be heard, and listens while the user has the floor", () => {
    assertAlways((call) => {
      for (const { after } of call.steps) {
        const axes = axesOf(after);
        must((axes === undefined) === (after.name === "ended"), "axes of a call that is over");
        if (axes === undefined) continue;
        must(axes.user === after.core.user.kind, "another user");
        must((axes.assistant === "initializing") === (after.name === "queued"), "initializing");
        if (axes.assistant === "speaking")
          must(
            after.core.playback.queue.length > 0 && !hasFloor(after),
            "it speaks, and nothing is to be heard",
          );
        if (after.name === "listening") must(axes.assistant === "listening", "it listens");
        if (hasFloor(after)) must(axes.assistant === "listening", "it does not listen");
      }
    });
  });

  it("I17: what the model is given of the assistant is what was heard or is still being said, and no filler", () => {
    assertAlways((call) => {
      const final = new Map<string, string>();
      const fillers = new Set<string>();
      for (const { effects, entries, after } of call.steps) {
        for (const { message, origin } of entriesOf(entries, "message-added")) {
          if (message.role !== "assistant") continue;
          if (origin === "filler") fillers.add(message.messageId);
          else final.set(message.messageId, message.text);
        }
        for (const item of after.core.history) {
          if (!("messageId" in item) || item.messageId === undefined || item.text === "") continue;
          const playing = after.core.playback.queue.find(({ messageId }) => messageId === item.messageId);
          must(!fillers.has(item.messageId), "a filler is in the history");
          must(item.text === (playing?.said ?? final.get(item.messageId)), "remembered otherwise than heard");
        }
        checkRequest(effects, final, after);
      }
    });
  });

  it("I18: pause and resume take turns, and nothing is held once the user is silent", () => {
    assertAlways((call) => {
      let paused = false;
      for (const { effects, after } of call.steps) {
        for (const { type } of effects) {
          if (type === "pause") must(!paused, "paused twice");
          if (type === "resume") must(paused, "resumed twice");
          if (type === "pause" || type === "resume") paused = type === "pause";
        }
        if (after.name !== "ended") must(paused === hasFloor(after), "held without the user, or not held");
        must(after.name !== "held" || paused, "a reply is held for nobody");
      }
    });
  });

  it("I19: an acknowledgement cuts nothing and discards nothing; too few words cut nothing", () => {
    assertAlways((call) => {
      for (const { before, event, effects, entries } of call.steps) {
        if (event.type !== "heard" || !isAudible(before)) continue;
        const isShort = event.text.startsWith("words") && before.core.setup.wordsToBreakIn > 2;
        if (!isAcknowledgement(event.text) && !isShort) continue;
        must(hushed(effects).length === 0, "it is cut");
        must(!effects.some(({ type }) => type === "stop-model"), "the model is stopped");
        must(
          entriesOf(entries, "model-answered").every(({ outcome }) => outcome !== "discarded"),
          "discarded",
        );
        if (!isAcknowledgement(event.text) || before.name === "acting") continue;
        // A held reply is kept by it, and then comes what waited for that.
        const waited = before.name === "held" ? before.core.agenda : [];
        const isAnswered = entriesOf(entries, "turn-started").some(({ cause }) => cause === "user");
        must(!isAnswered || waited.some(({ kind }) => kind === "words"), "an acknowledgement is answered");
      }
    });
  });

  it("I20: a false interruption loses nothing: without words of the user, what was said goes on to its end", () => {
    assertAlways((call) => {
      for (const { before, event, effects, entries, after } of call.steps) {
        if (event.type !== "speech-began" && event.type !== "hearing" && event.type !== "speech-ended")
          continue;
        must(hushed(effects).length === 0, "it is cut");
        must(
          entriesOf(entries, "model-answered").every(({ outcome }) => outcome !== "discarded"),
          "discarded",
        );
        for (const { messageId, said, heard } of before.core.playback.queue) {
          const left = after.core.playback.queue.find((one) => one.messageId === messageId);
          const goesOn = left?.said === said && left.heard === heard;
          const isDone = entriesOf(entries, "message-added").some(
            ({ message }) => message.messageId === messageId && message.text === said,
          );
          must(goesOn || isDone, "it does not go on from where it was heard");
        }
      }
    });
  });

  it("I21: a message that may not be interrupted, and of which something was heard, is cut by no words of the user", () => {
    assertAlways((call) => {
      const { bargeIn, welcomeBargeIn } = call.state.core.setup;
      for (const { before, event, effects } of call.steps) {
        if (event.type !== "heard") continue;
        for (const messageId of hushed(effects)) {
          const cut = before.core.playback.queue.find((one) => one.messageId === messageId);
          if (cut === undefined || cut.said.slice(0, cut.heard).trim() === "") continue;
          must(bargeIn && (cut.origin !== "welcome" || welcomeBargeIn), "cut against the assistant's will");
        }
      }
    });
  });

  it("I22: while the user speaks no model is asked and no tool is sent, unless a failed request is repeated or the model was asked before", () => {
    assertAlways((call) => {
      for (const { before, after, event, effects, entries } of call.steps) {
        if (before.core.user.kind !== "speaking" || after.core.user.kind !== "speaking") continue;
        const asks = effects.some(({ type }) => type === "ask-model");
        const repeats = entriesOf(entries, "model-requested").every(({ again }) => again === "failure");
        const goesOn = before.name === "thinking" || before.name === "replying";
        must(!asks || repeats || (goesOn && event.type === "model-finished"), "a model is asked meanwhile");
        const sends = effects.some(({ type }) => type === "ask-tool");
        must(!sends || (goesOn && !hasFloor(before)), "a tool is sent while the user has the floor");
      }
    });
  });

  it("I23: after a hang with another model, nothing of the first reply comes through", () => {
    assertAlways((call) => {
      const dropped = new Set<string>();
      for (const { underWay, event, entries, effects, before, after } of ledger(call)) {
        if ("replyId" in event && dropped.has(event.replyId))
          must(after === before && entries.length + effects.length === 0, "the late reply does something");
        const again = entriesOf(entries, "model-requested").find((one) => one.again === "hang");
        if (again === undefined) continue;
        must(entriesOf(entries, "hang").length === 1, "another model without a hang");
        must(
          effects.some((effect) => effect.type === "stop-model" && effect.replyId === underWay),
          "the first request goes on",
        );
        must(again.model === "macaw", "the same model again");
        dropped.add(underWay ?? "");
      }
    });
  });

  it("I24: idle messages come only in silence, in their order, and never more in sequence than the maximum", () => {
    assertAlways((call) => {
      const { messages, messagesMax, timeoutMs } = call.state.core.setup.idle;
      let count = 0;
      for (const step of call.steps) {
        if (entriesOf(step.entries, "message-added").some(({ message }) => message.role === "user"))
          count = 0;
        const text = idleMessageIn(step);
        const ends = entriesOf(step.entries, "status-changed").some(
          ({ endedReason }) => endedReason === "idle-timeout",
        );
        if (ends && step.before.name === "listening") must(count >= messagesMax, "ended too early");
        if (text === undefined) continue;
        must(isSilent(step, timeoutMs), "not in silence");
        must(text === messages[count % messages.length], "out of order");
        count += 1;
        must(count <= messagesMax, "too many");
      }
    });
  });

  it("I25: of the same call only one is on its way at a time", () => {
    assertAlways((call) => {
      const onItsWay = new Map<string, string>();
      for (const { effects, entries } of call.steps) {
        for (const { toolCallId } of entriesOf(entries, "tool-answered")) onItsWay.delete(toolCallId);
        for (const effect of effects) {
          if (effect.type !== "ask-tool") continue;
          const key = `${effect.tool.name} ${JSON.stringify(effect.arguments)}`;
          must(![...onItsWay.values()].includes(key), "sent twice");
          onItsWay.set(effect.toolCallId, key);
        }
      }
    });
  });

  it("I26: a goodbye is heard to its end, cut by the end of time, or called off", () => {
    assertAlways((call) => {
      for (const { before, event, after, effects } of call.steps) {
        if (before.name !== "closing" || after.name === "closing") continue;
        if (event.type === "heard") {
          must(before.ending.by === "assistant" && hushed(effects).length > 0, "called off without a cut");
          continue;
        }
        must(after.name === "ended", `a goodbye leads to ${after.name}`);
        if (event.type === "played") must(hushed(effects).length === 0, "heard, and yet cut");
        else must(enders.has(event.type), `ended by ${event.type}`);
      }
    });
  });
});

it("I27: a tool that was sent is never called back: whatever has happened since, its answer is recorded, once", () => {
  assertAlways((call) => {
    const open = call.toolCalls.filter(({ id }) => call.sent.has(id) && !call.answered.has(id));
    for (const { id, name } of open) {
      call.send({
        type: "tool-answered",
        toolCallId: id,
        outcome: { kind: "result", result: "Late.", understoodAs: "result-text" },
      });
      const written = entriesOf(call.steps.at(-1)?.entries ?? [], "tool-answered");
      must(
        written.some((entry) => entry.toolCallId === id && entry.name === name),
        `the answer of ${name} is lost`,
      );
      call.send({
        type: "tool-answered",
        toolCallId: id,
        outcome: { kind: "result", result: "Again.", understoodAs: "result-text" },
      });
      must(call.unchanged, "it is answered twice");
    }
  });
});

it("I28: words that wait are answered by the next turn with the cause user; only muting or the end leaves them unanswered", () => {
  assertAlways((call) => {
    let waiting: string[] = [];
    let owed: string[] = [];
    for (const { entries, effects, after } of call.steps) {
      for (const entry of entries) {
        if (entry.type === "message-added" && entry.waits) {
          must(entry.message.role === "user" && entry.turnId === undefined, "who waits has no turn yet");
          waiting.push(entry.message.text);
        }
        if (entry.type === "control-received" && entry.control["type"] === "mute") waiting = [];
        if (entry.type !== "turn-started" || entry.cause !== "user") continue;
        owed.push(...waiting);
        waiting = [];
      }
      for (const effect of effects) {
        if (effect.type !== "ask-model") continue;
        const given = new Set(effect.request.messages.map(({ text }) => text));
        for (const text of owed) must(given.has(text), `the model is not given "${text}"`);
        owed = [];
      }
      const isFree = after.name === "listening" && after.core.user.kind !== "speaking";
      must(!isFree || waiting.length === 0, `it listens, and "${waiting.join()}" still waits`);
    }
  });
});

const enders = new Set(["left", "lost", "stopped", "controlled", "deadline-passed"]);

/** A request holds what of each message was heard in the end, or all that is said of it now. */
function checkRequest(effects: readonly Effect[], final: ReadonlyMap<string, string>, after: State): void {
  const known = new Set([...final.values(), ...after.core.playback.queue.map(({ said }) => said), ""]);
  for (const effect of effects) {
    if (effect.type !== "ask-model") continue;
    for (const item of effect.request.messages)
      if (item.role === "assistant") must(known.has(item.text), `the model is given "${item.text}"`);
  }
}

function idleMessageIn({ before, after }: Taken): string | undefined {
  if (after.core.idleMessages <= before.core.idleMessages) return undefined;
  const { messages } = before.core.setup.idle;
  return messages[before.core.idleMessages % messages.length];
}

function isSilent({ before, now, event }: Taken, timeoutMs: number): boolean {
  return (
    before.name === "listening" &&
    before.core.user.kind !== "speaking" &&
    before.core.playback.queue.length === 0 &&
    event.type === "deadline-passed" &&
    now >= before.since + timeoutMs
  );
}
