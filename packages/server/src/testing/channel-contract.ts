import { describe, expect, test } from "vitest";
import type { Channel, ChannelNews, OpenChannel } from "../channel.ts";
import { virtualClock, type VirtualClock } from "./virtual-clock.ts";

type Line = { channel: Channel; clock: VirtualClock; news: ChannelNews[]; playback: OpenChannel["playback"] };

/** What a call may rely on, whatever the line is. */
export function channelContract(name: string, openOn: (clock: VirtualClock) => OpenChannel): void {
  const open = async (): Promise<Line> => {
    const clock = virtualClock();
    const news: ChannelNews[] = [];
    const opened = openOn(clock);
    const channel = opened.open((one) => news.push(one));
    await clock.advance(0);
    return { channel, clock, news, playback: opened.playback };
  };
  const say = (channel: Channel, messageId: string, ...pieces: string[]): void => {
    for (const text of pieces) channel.say({ messageId, text, last: false });
    channel.say({ messageId, text: "", last: true });
  };
  /** What of each message was heard, by what the line tells. */
  const heard = (news: readonly ChannelNews[], messageId: string): number =>
    Math.max(
      0,
      ...news.map((one) => (one.type === "playing" && one.messageId === messageId ? one.characters : 0)),
    );
  const played = (news: readonly ChannelNews[]): string[] =>
    news.flatMap((one) => (one.type === "played" ? [one.messageId] : []));

  describe(`${name} is a channel`, () => {
    test("that tells once that the line stands, and never before it was opened", async () => {
      const { clock, news } = await open();
      await clock.advance(60_000);
      expect(news).toEqual([{ type: "connected" }]);
    });

    test("that plays one message after another to its end, or says that it need not tell", async () => {
      const { channel, clock, news, playback } = await open();
      say(channel, "one", "Good ", "morning.");
      say(channel, "two", "How are you?");
      await clock.advance(60_000);
      expect(played(news)).toEqual(playback === "reported" ? ["one", "two"] : []);
      expect(heard(news, "one")).toBeLessThanOrEqual("Good morning.".length);
    });

    test("that plays nothing more of a message that was stopped, and goes on with the next", async () => {
      const { channel, clock, news, playback } = await open();
      say(channel, "one", "Good morning to all of you.");
      channel.hush("one");
      const before = heard(news, "one");
      say(channel, "two", "Yes?");
      await clock.advance(60_000);
      expect(heard(news, "one")).toBe(before);
      expect(played(news)).toEqual(playback === "reported" ? ["two"] : []);
    });

    test("that plays nothing while it is held, and all of it afterwards", async () => {
      const { channel, clock, news, playback } = await open();
      say(channel, "one", "Good morning to all of you.");
      channel.pause();
      const before = news.length;
      await clock.advance(60_000);
      expect(news).toHaveLength(before);
      channel.resume();
      await clock.advance(60_000);
      expect(played(news)).toEqual(playback === "reported" ? ["one"] : []);
    });

    test("that takes a second pause, resume or close, and a stop of what it does not know, for nothing", async () => {
      const { channel, clock, news, playback } = await open();
      channel.resume();
      channel.hush("nobody");
      channel.pause();
      channel.pause();
      channel.resume();
      say(channel, "one", "Good morning.");
      await clock.advance(60_000);
      expect(played(news)).toEqual(playback === "reported" ? ["one"] : []);
      channel.close();
      channel.close();
    });

    test("that tells nothing of what is said after it was closed", async () => {
      const { channel, clock, news } = await open();
      channel.close();
      const before = news.length;
      say(channel, "one", "Good morning.");
      channel.resume();
      await clock.advance(60_000);
      expect(news).toHaveLength(before);
    });
  });
}
