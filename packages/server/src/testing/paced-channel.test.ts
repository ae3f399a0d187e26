import { expect, test } from "vitest";
import type { ChannelNews } from "../channel.ts";
import { channelContract } from "./channel-contract.ts";
import { pacedLine } from "./paced-channel.ts";
import { virtualClock } from "./virtual-clock.ts";

channelContract("a paced line", (clock) => pacedLine(clock).channel);

function lineAt(wordMs: number) {
  const clock = virtualClock();
  const news: ChannelNews[] = [];
  const line = pacedLine(clock, { wordMs });
  const channel = line.channel.open((one) => news.push(one));
  return { clock, line, channel, news };
}

test("a paced line plays a word at a time, at its pace", async () => {
  const { clock, line, channel, news } = lineAt(100);
  channel.say({ messageId: "one", text: "Good morning, Ann.", last: true });
  await clock.advance(250);
  expect([line.heard, line.isPlaying]).toEqual(["Good morning,", true]);
  await clock.advance(50);
  expect(news.slice(1)).toEqual([
    { type: "playing", messageId: "one", characters: 4 },
    { type: "playing", messageId: "one", characters: 13 },
    { type: "playing", messageId: "one", characters: 18 },
    { type: "played", messageId: "one" },
  ]);
  expect(line.isPlaying).toBe(false);
});

test("a paced line says a word anew that was broken off in the middle", async () => {
  const { clock, line, channel } = lineAt(100);
  channel.say({ messageId: "one", text: "Good morning.", last: true });
  await clock.advance(150);
  channel.pause();
  await clock.advance(1_000);
  channel.resume();
  await clock.advance(99);
  expect(line.heard).toBe("Good");
  await clock.advance(1);
  expect(line.heard).toBe("Good morning.");
});

test("a paced line hears its user a word at a time", async () => {
  const { clock, line, news } = lineAt(100);
  await clock.advance(0);
  line.says("No, wait please");
  await clock.advance(1_000);
  line.makesNoise(500);
  await clock.advance(1_000);
  line.leaves();
  expect(news.slice(1)).toEqual([
    { type: "speech-began" },
    { type: "hearing", text: "No," },
    { type: "hearing", text: "No, wait" },
    { type: "heard", text: "No, wait please" },
    { type: "speech-began" },
    { type: "speech-ended" },
    { type: "left" },
  ]);
});
