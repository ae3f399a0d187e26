import { type CallId, makeCallId, type TeamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bus, News } from "../../bus.ts";

const call = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const otherCall = makeCallId("chat", "22222222-2222-4222-8222-222222222222");
const ours = "ours" as TeamId;
const theirs = "theirs" as TeamId;

/** `other` is the same bus on another server, or on the same one where it reaches no further. */
export type OpenedBus = { bus: Bus; other: Bus; close: () => Promise<void> };

/** What every bus must do, whatever carries the news. */
export function busContract(name: string, open: () => Promise<OpenedBus>): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus;
    let other: Bus;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ bus, other, close } = await open());
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

    /** Publishes until it is heard: whoever begins to watch may have to be made known to other servers. */
    const heardBy = async (heard: News[]): Promise<void> => {
      await vi.waitFor(() => {
        bus.publish(delta(call, "probe"));
        expect(heard).not.toEqual([]);
      });
      const size = heard.length;
      bus.publish(delta(call, "ready"));
      await vi.waitFor(() => expect(heard.slice(size)).toContainEqual(delta(call, "ready")));
      heard.length = 0;
    };

    test("watchers on another server hear each thing once, in order, of a call and of a team", async () => {
      const ofCall: News[] = [];
      const ofTeam: News[] = [];
      other.watch({ teamId: ours, callId: call }, (news) => ofCall.push(news));
      other.watch({ teamId: ours }, (news) => ofTeam.push(news));
      await heardBy(ofCall);
      await heardBy(ofTeam);
      ofCall.length = 0;
      const texts = Array.from({ length: 100 }, (_, index) => `piece ${index}`);
      for (const text of texts) bus.publish(delta(call, text));
      bus.publish(delta(otherCall, "last"));
      await vi.waitFor(() => expect(ofTeam).toContainEqual(delta(otherCall, "last")));
      const pieces = texts.map((text) => delta(call, text));
      expect(ofTeam).toEqual([...pieces, delta(otherCall, "last")]);
      await vi.waitFor(() => expect(ofCall).toEqual(pieces));
    });

    test("who publishes tells those beside it at once and once, also when another server watches", async () => {
      const here: News[] = [];
      const there: News[] = [];
      other.watch({ teamId: ours, callId: call }, (news) => there.push(news));
      await heardBy(there);
      bus.watch({ teamId: ours, callId: call }, (news) => here.push(news));
      bus.publish(delta(call, "a"));
      expect(here).toEqual([delta(call, "a")]);
      bus.publish(delta(call, "b"));
      await vi.waitFor(() => expect(there).toEqual([delta(call, "a"), delta(call, "b")]));
      expect(here).toEqual([delta(call, "a"), delta(call, "b")]);
    });

    test("what was written, and a gap, come as they are", async () => {
      const heard: News[] = [];
      other.watch({ teamId: ours, callId: call }, (news) => heard.push(news));
      await heardBy(heard);
      const news: News[] = [written, { kind: "gap", teamId: ours, callId: call }];
      for (const one of news) bus.publish(one);
      await vi.waitFor(() => expect(heard).toEqual(news));
    });

    test("a wake reaches every server, the one that wakes too, until it is not listened to any more", async () => {
      const woken = { here: 0, there: 0 };
      const stop = bus.onWake(() => (woken.here += 1));
      other.onWake(() => (woken.there += 1));
      await vi.waitFor(() => {
        bus.wake();
        expect(woken.there).toBeGreaterThan(0);
      });
      expect(woken.here).toBeGreaterThan(0);
      stop();
      const { here, there } = woken;
      bus.wake();
      await vi.waitFor(() => expect(woken.there).toBeGreaterThan(there));
      expect(woken.here).toBe(here);
    });
  });
}

const written: News = {
  kind: "entries",
  teamId: ours,
  callId: call,
  entries: [
    {
      teamId: ours,
      callId: call,
      seq: 7,
      position: 70,
      at: 1_000,
      sequence: null,
      what: { type: "status-changed", status: "ongoing" },
    },
  ],
};

/** As a watcher that is an async function would. */
function failLate(): unknown {
  return Promise.reject(new Error("a late fault of the watcher"));
}

function delta(callId: CallId, text: string): News {
  return { kind: "live", teamId: ours, callId, update: { type: "delta", messageId: "m", text } };
}
