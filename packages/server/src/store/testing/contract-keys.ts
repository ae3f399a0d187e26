import { defaultTeam } from "@offhook/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { type OpenedStore, useStore } from "./opened.ts";
import { otherTeam, sampleBegin } from "./samples.ts";

/** API keys, by their hash, and the server's own secrets. */
export function describeKeys(open: () => Promise<OpenedStore>): void {
  describe("a key", () => {
    const opened = useStore(open);

    it("is found by its hash, with its team and name", async () => {
      const { store } = opened();
      await store.saveKey({ hash: "h1", teamId: defaultTeam, name: "laptop ü ☎", createdAt: sampleBegin });
      await store.saveKey({ hash: "h2", teamId: otherTeam, name: "server", createdAt: sampleBegin });
      expect(await store.findKey({ hash: "h1" })).toEqual({ teamId: defaultTeam, name: "laptop ü ☎" });
      expect(await store.findKey({ hash: "h2" })).toEqual({ teamId: otherTeam, name: "server" });
      expect(await store.findKey({ hash: "h" })).toBeUndefined();
      expect(await store.findKey({ hash: "H1" })).toBeUndefined();
    });

    it("is counted once", async () => {
      const { store } = opened();
      expect(await store.countKeys()).toBe(0);
      await store.saveKey({ hash: "h1", teamId: defaultTeam, name: "one", createdAt: sampleBegin });
      await store.saveKey({ hash: "h1", teamId: defaultTeam, name: "one", createdAt: sampleBegin });
      await store.saveKey({ hash: "h2", teamId: otherTeam, name: "two", createdAt: sampleBegin });
      expect(await store.countKeys()).toBe(2);
      expect(await store.findKey({ hash: "h1" })).toEqual({ teamId: defaultTeam, name: "one" });
    });
  });

  describeListing(open);

  describe("a secret of the server's own", () => {
    const opened = useStore(open);

    it("is the one that was kept first", async () => {
      const { store } = opened();
      expect(await store.keepSecret({ name: "control", value: "first" })).toBe("first");
      expect(await store.keepSecret({ name: "control", value: "second" })).toBe("first");
      expect(await store.keepSecret({ name: "live", value: "second" })).toBe("second");
    });

    it("is one for all who ask at the same time", async () => {
      const { store } = opened();
      const values = ["a", "b", "c", "d"].map((value) => store.keepSecret({ name: "control", value }));
      expect(new Set(await Promise.all(values)).size).toBe(1);
    });
  });
}

const key = (hash: string, createdAt: number, teamId = defaultTeam) => ({
  hash,
  teamId,
  name: `name of ${hash}`,
  createdAt,
});

/** What a team sees of its keys, and how it takes them away. */
function describeListing(open: () => Promise<OpenedStore>): void {
  describe("the keys of a team", () => {
    const opened = useStore(open);
    beforeEach(async () => {
      const { store } = opened();
      for (const one of [key("aa1", 1), key("aa2", 2), key("bb1", 3, otherTeam)]) await store.saveKey(one);
    });

    it("are listed the newest first, a page at a time, and no others", async () => {
      const { store } = opened();
      const query = { teamId: defaultTeam, offset: 0, limit: 10 };
      expect(await store.listKeys(query)).toEqual({ keys: [key("aa2", 2), key("aa1", 1)], totalCount: 2 });
      expect(await store.listKeys({ ...query, offset: 1 })).toEqual({ keys: [key("aa1", 1)], totalCount: 2 });
    });

    it("are found by how their hash begins, by their own team only", async () => {
      const { store } = opened();
      const query = { teamId: defaultTeam, hashBegin: "aa1", mayBeLast: false };
      expect(await store.deleteKey({ ...query, hashBegin: "bb1" })).toBe("unknown");
      expect(await store.deleteKey({ ...query, hashBegin: "a1" })).toBe("unknown");
      expect(await store.deleteKey({ ...query, hashBegin: "aa%" })).toBe("unknown");
      expect(await store.deleteKey(query)).toBe("deleted");
      expect(await store.deleteKey(query)).toBe("unknown");
      expect(await store.findKey({ hash: "aa1" })).toBeUndefined();
      expect(await store.findKey({ hash: "bb1" })).toBeDefined();
    });

    it("keep one when all are deleted at once, unless the last may go", async () => {
      const { store } = opened();
      const query = { teamId: defaultTeam, mayBeLast: false };
      const became = await Promise.all(
        ["aa1", "aa2"].map((hashBegin) => store.deleteKey({ ...query, hashBegin })),
      );
      expect(became.toSorted()).toEqual(["deleted", "last"]);
      const [last] = (await store.listKeys({ teamId: defaultTeam, offset: 0, limit: 10 })).keys;
      const lastBegin = last?.hash ?? "none";
      expect(await store.deleteKey({ ...query, hashBegin: lastBegin, mayBeLast: true })).toBe("deleted");
      expect(await store.countKeys()).toBe(1);
    });
  });
}
