import { expect, test } from "vitest";
import { sleep } from "../clock.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { journalOf, openHouse } from "../testing/house.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { called, said, scriptedModel } from "../testing/scripted-model.ts";
import { placeCall } from "../testing/talk.ts";
import { virtualClock } from "../testing/virtual-clock.ts";

const mail = { name: "mail", description: "", parameters: { type: "object", properties: {} }, async: true };

test.each([-25, -20, -15, -10, -5, 0, 5, 40])(
  "a call is closed once it is reported, also when a tool answers %i ms from its end",
  async (lateMs) => {
    const clock = virtualClock();
    const kept = openLocalStore();
    const model = scriptedModel({ clock, replies: [called([{ name: "mail" }]), said("Sent.")] });
    const egress = recordingEgress(clock, ({ body }) =>
      body.includes('"function-call"')
        ? { act: "answer", body: JSON.stringify({ result: "sent" }), delayMs: 1_000 + lateMs }
        : { act: "answer", status: 204 },
    );
    // Writing takes its time, so that the answer may come while the report is on its way to the disk.
    const append: typeof kept.append = async (commit) => {
      await sleep(clock, 10);
      return kept.append(commit);
    };
    const house = openHouse({ clock, model, egress, store: { ...kept, append } });
    const talk = await placeCall(house, { tools: [mail], assistantModel: "scripted" });
    void talk.begins("Mail it");
    await clock.until(() => egress.requests.some(({ body }) => body.includes('"function-call"')));
    await clock.advance(970);
    void talk.leaves();
    await clock.advance(60_000);
    const journal = await journalOf(kept, talk.callId);
    expect(journal.map(({ what }) => what.type)).toEqual(
      expect.arrayContaining(["reported", "tool-answered"]),
    );
    expect(await kept.takeCalls({ after: "", limit: 10 })).toEqual([]);
  },
);
