import { describe, expect, it } from "vitest";
import type { EventType } from "./event.ts";
import type { StateName } from "./state.ts";
import { occurrences, scenes } from "./testing/scenes.ts";

/** The next state, then what is written. `same`: the very same state, nothing written, nothing done. */
type Cell = "same" | readonly [StateName, ...string[]];

const answeredAnew = ["turn 2 begins: user", "user: And?"] as const;

/** Read from SPEC.md: what each event does in each state, when it is of the reply, message or tool call that came last. */
const table: Record<StateName, Record<EventType, Cell>> = {
  queued: {
    connected: ["listening", "ongoing"],
    heard: ["queued"],
    interrupted: "same",
    played: "same",
    left: ["ended", "finished: canceled by user"],
    lost: ["ended", "finished: channel-lost by system"],
    "model-text": "same",
    "model-tool-call-begun": "same",
    "model-finished": "same",
    "model-failed-over": "same",
    "model-failed": "same",
    "tool-answered": "same",
    controlled: ["queued", "control say"],
    "deadline-passed": ["ended", "finished: channel-lost by system"],
    stopped: ["ended", "finished: server-stopped by system"],
  },
  listening: {
    connected: "same",
    heard: ["thinking", "turn 1 begins: user", "user: And?", "model asked for reply 1"],
    interrupted: "same",
    played: "same",
    left: ["ended", "finished: user-hung-up by user"],
    lost: ["ended", "finished: channel-lost by system"],
    "model-text": "same",
    "model-tool-call-begun": "same",
    "model-finished": "same",
    "model-failed-over": "same",
    "model-failed": "same",
    "tool-answered": "same",
    controlled: ["listening", "control say", "assistant: One moment."],
    "deadline-passed": ["ended", "finished: max-duration by system"],
    stopped: ["ended", "finished: server-stopped by system"],
  },
  thinking: {
    connected: "same",
    heard: [
      "thinking",
      "reply 1 discarded",
      "turn 1 interrupted",
      ...answeredAnew,
      "model asked for reply 2",
    ],
    interrupted: "same",
    played: "same",
    left: ["ended", "reply 1 discarded", "turn 1 call-ended", "finished: user-hung-up by user"],
    lost: ["ended", "reply 1 discarded", "turn 1 call-ended", "finished: channel-lost by system"],
    "model-text": ["replying"],
    "model-tool-call-begun": ["replying"],
    "model-finished": ["acting", "reply 1 kept", "tool 1 asked: look"],
    "model-failed-over": ["thinking", "llm_error: unreachable", "model asked for reply 1"],
    "model-failed": ["thinking", "reply 1 failed", "llm_error: unreachable", "model asked for reply 2"],
    "tool-answered": "same",
    controlled: ["thinking", "control say", "assistant: One moment."],
    "deadline-passed": ["thinking", "hang: model, 5000 ms"],
    stopped: ["ended", "reply 1 discarded", "turn 1 call-ended", "finished: server-stopped by system"],
  },
  replying: {
    connected: "same",
    heard: [
      "thinking",
      "reply 1 discarded",
      "assistant (cut): Hi.",
      "turn 1 interrupted",
      ...answeredAnew,
      "model asked for reply 2",
    ],
    interrupted: ["listening", "reply 1 discarded", "assistant (cut): H", "turn 1 interrupted"],
    played: "same",
    left: [
      "ended",
      "reply 1 discarded",
      "assistant (cut): Hi.",
      "turn 1 call-ended",
      "finished: user-hung-up by user",
    ],
    lost: [
      "ended",
      "reply 1 discarded",
      "assistant (cut): Hi.",
      "turn 1 call-ended",
      "finished: channel-lost by system",
    ],
    "model-text": ["replying"],
    "model-tool-call-begun": "same",
    "model-finished": ["acting", "reply 1 kept", "assistant: Hi.", "tool 1 asked: look"],
    "model-failed-over": "same",
    "model-failed": [
      "listening",
      "reply 1 failed",
      "llm_error: unreachable",
      "assistant (cut): Hi.",
      "turn 1 failed",
    ],
    "tool-answered": "same",
    controlled: ["replying", "control say"],
    "deadline-passed": [
      "listening",
      "reply 1 failed",
      "llm_error: timeout",
      "assistant (cut): Hi.",
      "turn 1 failed",
    ],
    stopped: [
      "ended",
      "reply 1 discarded",
      "assistant (cut): Hi.",
      "turn 1 call-ended",
      "finished: server-stopped by system",
    ],
  },
  acting: {
    connected: "same",
    heard: ["acting", "turn 1 interrupted", ...answeredAnew],
    interrupted: "same",
    played: "same",
    left: ["ended", "turn 1 call-ended", "finished: user-hung-up by user"],
    lost: ["ended", "turn 1 call-ended", "finished: channel-lost by system"],
    "model-text": "same",
    "model-tool-call-begun": "same",
    "model-finished": "same",
    "model-failed-over": "same",
    "model-failed": "same",
    "tool-answered": ["thinking", "tool 1 answered: Done.", "model asked for reply 2"],
    controlled: ["acting", "control say", "assistant: One moment."],
    "deadline-passed": ["acting", "hang: book, 5000 ms"],
    stopped: ["ended", "turn 1 call-ended", "finished: server-stopped by system"],
  },
  closing: {
    connected: "same",
    heard: ["closing", "user: And?"],
    interrupted: "same",
    played: ["ended", "finished: assistant-ended by assistant"],
    left: ["ended", "finished: user-hung-up by user"],
    lost: ["ended", "finished: channel-lost by system"],
    "model-text": "same",
    "model-tool-call-begun": "same",
    "model-finished": "same",
    "model-failed-over": "same",
    "model-failed": "same",
    "tool-answered": "same",
    controlled: "same",
    "deadline-passed": ["ended", "finished: assistant-ended by assistant"],
    stopped: ["ended", "finished: server-stopped by system"],
  },
  ended: {
    connected: "same",
    heard: "same",
    interrupted: "same",
    played: "same",
    left: "same",
    lost: "same",
    "model-text": "same",
    "model-tool-call-begun": "same",
    "model-finished": "same",
    "model-failed-over": "same",
    "model-failed": "same",
    "tool-answered": ["ended", "tool 1 answered: Done."],
    controlled: "same",
    "deadline-passed": "same",
    stopped: "same",
  },
};

const cells = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([event, cell]) => ({
    state: state as StateName,
    event: event as EventType,
    cell,
  })),
);

describe("the table of states and events", () => {
  it.each(Object.keys(scenes) as StateName[])("has a scene in which a call is %s", (name) => {
    expect(scenes[name]().state.name).toBe(name);
  });

  it.each(cells)("$state: $event", ({ state, event, cell }) => {
    const call = occurrences[event](scenes[state]());
    if (cell === "same") expect(call.unchanged, call.story).toBe(true);
    else expect([call.state.name, ...call.wrote]).toEqual(cell);
  });
});
