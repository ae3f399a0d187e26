import { expect, test } from "vitest";
import { silentLog } from "../log.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { EventStreams, streamLimits } from "./event-stream.ts";
import type { Journal } from "../calls/journal-tail.ts";
import { isRefusal } from "./problem.ts";

const nothing: Journal = { read: async () => [], cursorOf: ({ seq }) => seq, watch: () => () => undefined };

test("so many streams may be open; one that ends, or that nobody ever reads, makes room", async () => {
  const clock = virtualClock();
  const streams = new EventStreams({ clock, log: silentLog, stopping: new AbortController().signal });
  const open = () => streams.open(nothing, 0);
  const [first] = Array.from({ length: streamLimits.streamsMax }, open);
  expect(open()).toMatchObject({ refused: "over-capacity" });
  if (first instanceof ReadableStream) await first.cancel();
  expect(isRefusal(open())).toBe(false);
  expect(isRefusal(open())).toBe(true);
  await clock.advance(streamLimits.stalledMs);
  expect(isRefusal(open())).toBe(false);
  await clock.advance(streamLimits.stalledMs);
  await settled();
  expect(clock.waiting).toBe(0);
});
