import { expect, test } from "vitest";
import type { News } from "../bus.ts";
import { sleep } from "../clock.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { openHouse } from "../testing/house.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { called, said, scriptedModel } from "../testing/scripted-model.ts";
import { placeCall } from "../testing/talk.ts";
import { virtualClock } from "../testing/virtual-clock.ts";

const writeMs = 1_000;
const book = { name: "book", description: "", parameters: { type: "object", properties: {} } };

/** A call whose every entry takes a second to be on disk; what comes of it is noted with its time. */
async function slowCall(replies: Parameters<typeof scriptedModel>[0]["replies"]) {
  const clock = virtualClock();
  const kept = openLocalStore();
  const disk = { slow: false };
  const append: typeof kept.append = async (commit) => {
    if (disk.slow) await sleep(clock, writeMs);
    return kept.append(commit);
  };
  const model = scriptedModel({ clock, replies });
  const egress = recordingEgress(clock, ({ body }) =>
    body.includes('"function-call"')
      ? { act: "answer", body: JSON.stringify({ result: "booked" }) }
      : { act: "answer", status: 204 },
  );
  const house = openHouse({ clock, model, egress, store: { ...kept, append } });
  const talk = await placeCall(house, { tools: [book], assistantModel: "scripted" });
  const begunAt = clock.now();
  const seen: string[] = [];
  house.bus.watch({ teamId: house.teamId, callId: talk.callId }, (news: News) => {
    if (news.kind !== "live" || news.update.type !== "delta") return;
    seen.push(`${clock.now() - begunAt} ${news.update.text}`);
  });
  disk.slow = true;
  void talk.begins("Hello?");
  await clock.advance(0);
  return { clock, model, egress, seen, begunAt };
}

test("a model is asked while the words are on their way to the disk, and heard when they are there", async () => {
  const { clock, model, seen } = await slowCall([said("Good morning", { wordMs: 10 })]);
  expect(model.requests).toHaveLength(1);
  await clock.advance(writeMs - 1);
  expect(seen).toEqual([]);
  await clock.advance(1);
  expect(seen).toEqual(["1000 Good", "1000  morning"]);
});

test("a tool is asked, and the application told, only when it is on disk that they are", async () => {
  const { clock, egress, begunAt } = await slowCall([called([{ name: "book" }]), said("Done.")]);
  await clock.advance(10 * writeMs);
  const tool = egress.requests.find(({ body }) => body.includes('"function-call"'));
  // The words take a second, and the tool call, which the model made at once, another.
  expect((tool?.at ?? 0) - begunAt).toBeGreaterThanOrEqual(2 * writeMs);
  const told = egress.requests.filter(({ at }) => at > begunAt).map(({ at }) => at - begunAt);
  expect(Math.min(...told)).toBeGreaterThanOrEqual(writeMs);
});
