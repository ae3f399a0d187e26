import { expect, test } from "vitest";
import { openHouse } from "../testing/house.ts";
import { said, scriptedModel } from "../testing/scripted-model.ts";
import { placeCall } from "../testing/talk.ts";
import { virtualClock } from "../testing/virtual-clock.ts";

/** How many timers a turn sets whose reply has so many words; those of the model are not counted. */
async function timersOf(words: number): Promise<number> {
  const clock = virtualClock();
  let set = 0;
  const counting = {
    ...clock,
    get waiting() {
      return clock.waiting;
    },
    after(delayMs: number, act: () => void) {
      set += 1;
      return clock.after(delayMs, act);
    },
  };
  const text = Array.from({ length: words }, (_, number) => `word${number}`).join(" ");
  const model = scriptedModel({ clock, replies: [said(text, { wordMs: 20 })] });
  const talk = await placeCall(openHouse({ clock: counting, model }), { welcomeMessage: "Good morning." });
  await clock.advance(1_000);
  const before = set;
  await talk.says("Hello?");
  await clock.advance(10_000);
  return set - before;
}

test("a long reply of a model sets no more timers than a short one", async () => {
  expect(await timersOf(100)).toBe(await timersOf(3));
});
