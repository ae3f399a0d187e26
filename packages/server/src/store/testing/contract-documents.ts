import { defaultTeam } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import type { Document, DocumentKind } from "../../store.ts";
import { type OpenedStore, useStore } from "./opened.ts";
import { otherTeam, sampleBegin } from "./samples.ts";

const teamId = defaultTeam;
const kinds: readonly DocumentKind[] = ["assistant", "tool", "number"];

function document(id: string, more: Partial<Document> = {}): Document {
  const body = { name: id, nested: { list: [1, null, "ü", "☎"] } };
  return { id, teamId, body, createdAt: sampleBegin, updatedAt: sampleBegin, ...more };
}

/** The JSON documents of a team. */
export function describeDocuments(open: () => Promise<OpenedStore>): void {
  describe("a document", () => {
    const opened = useStore(open);
    keeping(opened);
    listing(opened);
  });
}

function keeping(opened: () => OpenedStore): void {
  it.each(kinds)("of kind %s is read back as it was saved", async (kind) => {
    const { store } = opened();
    await store.saveDocument(kind, document("a"));
    expect(await store.findDocument(kind, { teamId, id: "a" })).toEqual(document("a"));
  });

  it("is replaced by one of the same id", async () => {
    const { store } = opened();
    const changed = document("a", { body: { name: "other" }, updatedAt: sampleBegin + 5 });
    await store.saveDocument("tool", document("a"));
    await store.saveDocument("tool", changed);
    expect(await store.findDocument("tool", { teamId, id: "a" })).toEqual(changed);
    expect((await store.listDocuments("tool", { teamId, offset: 0, limit: 10 })).totalCount).toBe(1);
  });

  it("is told apart by kind and team, whatever its id", async () => {
    const { store } = opened();
    const id = 'it\'s 100% "ü"; -- ☎';
    await store.saveDocument("assistant", document(id, { body: { whose: "assistant" } }));
    await store.saveDocument("tool", document(id, { body: { whose: "tool" } }));
    await store.saveDocument("tool", document(id, { teamId: otherTeam, body: { whose: "other" } }));
    const whose = async (kind: DocumentKind, team = teamId) =>
      (await store.findDocument(kind, { teamId: team, id }))?.body["whose"];
    expect([await whose("assistant"), await whose("tool"), await whose("tool", otherTeam)]).toEqual([
      "assistant",
      "tool",
      "other",
    ]);
    expect([await whose("number"), await whose("assistant", otherTeam)]).toEqual([undefined, undefined]);
  });

  it("that is deleted is gone, and says whether it was there", async () => {
    const { store } = opened();
    await store.saveDocument("tool", document("a"));
    await store.saveDocument("tool", document("a", { teamId: otherTeam }));
    expect(await store.deleteDocument("tool", { teamId, id: "a" })).toBe(true);
    expect(await store.deleteDocument("tool", { teamId, id: "a" })).toBe(false);
    expect(await store.findDocument("tool", { teamId, id: "a" })).toBeUndefined();
    expect(await store.findDocument("tool", { teamId: otherTeam, id: "a" })).toBeDefined();
  });

  it("may be large", async () => {
    const { store } = opened();
    const large = document("a", { body: { text: "ü☎".repeat(1_000_000) } });
    await store.saveDocument("assistant", large);
    expect(await store.findDocument("assistant", { teamId, id: "a" })).toEqual(large);
  });
}

function listing(opened: () => OpenedStore): void {
  it("is listed page by page, each once, without those of other kinds and teams", async () => {
    const { store } = opened();
    for (const [index, id] of ["a", "b", "c", "d", "e"].entries()) {
      await store.saveDocument("tool", document(id, { createdAt: sampleBegin + (index % 2) }));
    }
    await store.saveDocument("number", document("n"));
    await store.saveDocument("tool", document("x", { teamId: otherTeam }));
    const pages = await Promise.all(
      [0, 2, 4, 6].map((offset) => store.listDocuments("tool", { teamId, offset, limit: 2 })),
    );
    expect(pages.map(({ documents, totalCount }) => [documents.length, totalCount])).toEqual([
      [2, 5],
      [2, 5],
      [1, 5],
      [0, 5],
    ]);
    expect(pages.flatMap(({ documents }) => documents.map(({ id }) => id)).toSorted()).toEqual([
      "a",
      "b",
      "c",
      "d",
      "e",
    ]);
  });
}
