import { defaultTeam } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
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
