import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredEntry } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { openPrometheus } from "./prometheus.ts";

// What is watched with the files of deploy/monitoring must be there to be watched.
const root = join(import.meta.dirname, "../../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const store = openLocalStore();
afterAll(() => store.close());

/** Labels that Prometheus or Kubernetes gives what it scrapes, and the one of a bucket. */
const scraped = ["job", "instance", "namespace", "pod", "le"];

/** The labels of each figure that the server shows, by its name. */
let shown: Map<string, Set<string>>;
beforeAll(async () => {
  const prometheus = openPrometheus({ store, clock: virtualClock() });
  prometheus.show({ liveCalls: () => 0, attemptsUnderWay: () => 0 });
  prometheus.attempted({ outcome: "accepted", kind: "first", elapsedMs: 1, ageMs: 1 });
  prometheus.gaveUp("dead");
  prometheus.answered({ method: "GET", route: "/readyz", status: 200, elapsedMs: 1 });
  const happened = [
    { type: "call-created", call: { callType: "chat" } },
    { type: "status-changed", status: "finished", endedReason: "server-lost" },
    { type: "turn-ended", outcome: "answered" },
    { type: "hang", hang: { phase: "model" } },
    { type: "error", error: { type: "llm_error", code: "timeout" } },
    { type: "model-answered", outcome: "kept", firstContentMs: 1, totalMs: 1, usage: {} },
    { type: "tool-answered", outcome: { kind: "result" }, elapsedMs: 1 },
  ];
  for (const what of happened) prometheus.happened({ what } as unknown as StoredEntry);
  shown = labelsOf(await prometheus.text());
});

function labelsOf(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [, name, labels = ""] = /^([a-z_0-9]+)(?:\{(.*)\})? /u.exec(line) ?? [];
    if (name === undefined) continue;
    const known = found.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/gu)) known.add(label);
    found.set(name, known);
  }
  return found;
}

/** What is asked of Prometheus in a text, and what does not fit what the server shows, in a sentence each. */
function faultsOf(text: string): string[] {
  const faults: string[] = [];
  const used = new Set<string>(scraped);
  for (const [, name = "", selector = ""] of text.matchAll(
    /\b((?:offhook|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/gu,
  )) {
    const labels = shown.get(name);
    if (labels === undefined) faults.push(`${name} is not shown`);
    for (const label of labels ?? []) used.add(label);
    for (const [, label = ""] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/gu))
      if (labels?.has(label) === false && !scraped.includes(label)) faults.push(`${name} has no ${label}`);
  }
  for (const [, labels = ""] of text.matchAll(/\bby \(([^)]*)\)/gu))
    for (const label of labels.split(",").map((each) => each.trim()))
      if (!used.has(label) && !label.startsWith("<<")) faults.push(`nothing there has the label ${label}`);
  return faults;
}

/** The texts behind `expr:` and `metricsQuery:`, on the line or below it. */
function expressionsIn(yaml: string): string[] {
  return [...yaml.matchAll(/^( *)(?:expr|metricsQuery|- seriesQuery): ?(?:\|\n((?:\1 +.*\n)+)|(.*))/gmu)].map(
    ([, , below, beside]) => below ?? beside ?? "",
  );
}

/** Where GitHub puts a heading. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\w -]/gu, "");
  return words.replaceAll(" ", "-");
}

function namesIn(path: string, pattern: RegExp): string[] {
  return [...read(path).matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

type Dashboard = { panels: { title: string; targets?: { expr: string }[] }[] };

describe("what is watched", () => {
  it("a name or a label that is not there is found", () => {
    expect(faultsOf('rate(offhook_nothing_total{job="offhook"}[5m])')).toEqual([
      "offhook_nothing_total is not shown",
    ]);
    expect(faultsOf('sum by (colour) (offhook_hangs_total{shade="x", phase="model"})')).toEqual([
      "offhook_hangs_total has no shade",
      "nothing there has the label colour",
    ]);
    expect(
      faultsOf('sum by (instance, le) (rate(offhook_tool_seconds_bucket{outcome="result"}[5m]))'),
    ).toEqual([]);
  });

  it("by the dashboard is shown by the server", () => {
    const { panels } = JSON.parse(read("deploy/monitoring/dashboard.json")) as Dashboard;
    const asked = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.flatMap(({ title, expr }) => faultsOf(expr).map((fault) => `${title}: ${fault}`))).toEqual(
      [],
    );
  });

  it.each([
    ["alerts.yaml", 12],
    ["adapter.yaml", 4],
  ])("by %s is shown by the server", (file, count) => {
    const asked = expressionsIn(read(`deploy/monitoring/${file}`));
    expect(asked).toHaveLength(count);
    expect(asked.flatMap(faultsOf)).toEqual([]);
  });

  it("every alert leads to a place in the runbook that is there", () => {
    const alerts = read("deploy/monitoring/alerts.yaml");
    const headings = new Set(
      [...read("docs/OPERATING.md").matchAll(/^#+ (.*)$/gmu)].map(([, heading = ""]) => anchorOf(heading)),
    );
    const anchors = [...alerts.matchAll(/runbook_url: \S+\/docs\/OPERATING\.md#(\S+)/gu)].map(([, to]) => to);
    expect(anchors).toHaveLength(alerts.split("- alert: ").length - 1);
    expect(anchors.filter((anchor) => !headings.has(anchor ?? ""))).toEqual([]);
  });

  it("the autoscalers ask for what the adapter makes", () => {
    const made = namesIn("deploy/monitoring/adapter.yaml", /\bas: (\w+)/gu);
    const asked = ["calls", "delivery"].flatMap((file) =>
      namesIn(`deploy/kubernetes/${file}.yaml`, /metric:\n\s+name: (\w+)/gu),
    );
    expect(asked.toSorted()).toEqual(made.toSorted());
  });
});
