import { type CallId, makeCallId, type TeamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bus, News } from "../../bus.ts";

const call = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const otherCall = makeCallId("chat", "22222222-2222-4222-8222-222222222222");
const ours = "ours" as TeamId;
const theirs = "theirs" as TeamId;

/** What every bus must do, whatever carries the news. */
export function busContract(
  name: string,
  open: () => Promise<{ bus: Bus; close: () => Promise<void> }>,
): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ bus, close } = await open());
    });
    afterEach(() => close());

    /** Publishes, and last of all something that everybody hears, so that absence can be told. */
    const heardAfter = async (news: News[], heard: News[], last: News): Promise<News[]> => {
      for (const one of [...news, last]) bus.publish(one);
      await vi.waitFor(() => expect(heard).toContainEqual(last));
      return heard.filter((one) => one !== last && JSON.stringify(one) !== JSON.stringify(last));
    };

    test("a watcher of a call hears of that call only, in order", async () => {
      const heard: News[] = [];
      bus.watch({ teamId: ours, callId: call }, (news) => heard.push(news));
      const news = [delta(call, "a"), delta(otherCall, "b"), delta(call, "c")];
      expect(await heardAfter(news, heard, delta(call, "last"))).toEqual([
        delta(call, "a"),
        delta(call, "c"),
      ]);
    });

    test("a watcher of a team hears of all its calls, and of no other team's", async () => {
      const heard: News[] = [];
      bus.watch({ teamId: ours }, (news) => heard.push(news));
      const news = [delta(call, "a"), { ...delta(call, "b"), teamId: theirs }, delta(otherCall, "c")];
      expect(await heardAfter(news, heard, delta(call, "last"))).toEqual([
        delta(call, "a"),
        delta(otherCall, "c"),
      ]);
    });

    test("who stops hears nothing more, even in the middle of news", async () => {
      const stopped: News[] = [];
      const heard: News[] = [];
      const stop = bus.watch({ teamId: ours }, (news) => {
        stopped.push(news);
        stop();
        stop();
      });
      bus.watch({ teamId: ours }, (news) => heard.push(news));
      await heardAfter([delta(call, "a"), delta(call, "b")], heard, delta(call, "last"));
      expect(stopped).toEqual([delta(call, "a")]);
    });

    test("who is stopped by another watcher of the same news does not hear them any more", async () => {
      const heard: News[] = [];
      const late: News[] = [];
      let stopOther = (): void => undefined;
      bus.watch({ teamId: ours, callId: call }, () => stopOther());
      stopOther = bus.watch({ teamId: ours, callId: call }, (news) => late.push(news));
      bus.watch({ teamId: ours }, (news) => heard.push(news));
      await heardAfter([delta(call, "a")], heard, delta(call, "last"));
      expect(late).toEqual([]);
    });

    test("a watcher that fails harms nobody else", async () => {
      const heard: News[] = [];
      bus.watch({ teamId: ours }, () => {
        throw new Error("a fault of the watcher");
      });
      bus.watch({ teamId: ours }, failLate);
      bus.watch({ teamId: ours }, (news) => heard.push(news));
      expect(await heardAfter([delta(call, "a")], heard, delta(call, "last"))).toEqual([delta(call, "a")]);
    });

    test("news published by a watcher come after those being told, for everybody", async () => {
      const heard: string[] = [];
      const texts = (news: News): string =>
        news.kind === "live" && news.update.type === "delta" ? news.update.text : "";
      bus.watch({ teamId: ours }, (news) => {
        if (texts(news) === "first") bus.publish(delta(call, "second"));
      });
      bus.watch({ teamId: ours }, (news) => heard.push(texts(news)));
      bus.publish(delta(call, "first"));
      await vi.waitFor(() => expect(heard).toEqual(["first", "second"]));
    });
  });
}

/** As a watcher that is an async function would. */
function failLate(): unknown {
  return Promise.reject(new Error("a late fault of the watcher"));
}

function delta(callId: CallId, text: string): News {
  return { kind: "live", teamId: ours, callId, update: { type: "delta", messageId: "m", text } };
}
