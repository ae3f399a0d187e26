import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { toConfig } from "@offhook/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments, parseDocument } from "yaml";
import { z } from "zod";
import { testServer, type TestServer } from "./testing/server.ts";

// The files of deploy/ are for people to start from: what they say of the server must be true.
const folder = join(import.meta.dirname, "../../../deploy");
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

/** The names that the server reads from its environment. */
function namesRead(): Set<string> {
  const names = new Set<string>();
  toConfig(new Proxy({}, { get: (_, name) => void names.add(String(name)) }));
  return names;
}

const known = namesRead();
const strange = (names: readonly string[]): string[] => names.filter((name) => !known.has(name));

const labels = z.record(z.string(), z.string());
const from = z.object({ name: z.string(), key: z.string() }).partial();
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: from.optional(), fieldRef: z.unknown() }).partial().optional(),
});
const port = z.object({ name: z.string(), containerPort: z.number() });
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const container = z.object({
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(variable),
  ports: z.array(port).default([]),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
});
const podTemplate = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    terminationGracePeriodSeconds: z.number().optional(),
    containers: z.tuple([container]),
  }),
});
const manifest = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }).optional(),
  data: labels.optional(),
  stringData: labels.optional(),
  spec: z.looseObject({}).optional(),
});
const selector = z.union([z.object({ matchLabels: labels }), labels]);
/** The labels that are selected: those of a Service stand without `matchLabels`. */
function selectorOf(given: unknown): Record<string, string> {
  const found = selector.parse(given);
  return typeof found["matchLabels"] === "object" ? found["matchLabels"] : labels.parse(found);
}

const files = globSync("kubernetes/*.yaml", { cwd: folder }).toSorted();
const manifests = files.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => ({ file, ...manifest.parse(document.toJS()) })),
);
const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);
const nameOf = ({ metadata }: (typeof manifests)[number]): string => metadata?.name ?? "";
const podsOf = ({ spec }: (typeof manifests)[number]) => podTemplate.parse(spec?.["template"]);
const workloads = [...ofKind("Deployment"), ...ofKind("Job")].map((one) => ({
  name: nameOf(one),
  pods: podsOf(one),
  container: podsOf(one).spec.containers[0],
  spec: one.spec,
}));
const settings = ofKind("ConfigMap").find((one) => nameOf(one) === "offhook")?.data ?? {};
const secrets = ofKind("Secret").find((one) => nameOf(one) === "offhook")?.stringData ?? {};

const composed = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      environment: labels.default({}),
      stop_grace_period: z.string().optional(),
    }),
  ),
});
const nodesOf = (file: string) =>
  Object.values(
    composed.parse(parseDocument(read(file), { merge: true }).toJS({ maxAliasCount: 100 })).services,
  ).filter(({ image }) => image.startsWith("offhook:"));
const composeFiles = ["compose.yaml", "compose.nodes.yaml"];

let server: TestServer;
beforeAll(async () => (server = await testServer()));
afterAll(() => server.close());

it("a variable that the server does not read is found", () => {
  expect(known.size).toBeGreaterThan(25);
  expect(strange(["OFFHOOK_PORT", "OPENAI_API_KEY", "OFFHOOK_PROT"])).toEqual(["OFFHOOK_PROT"]);
});

describe.each(composeFiles)("%s", (file) => {
  it("sets only what the server reads, and to what it takes", () => {
    const nodes = nodesOf(file);
    expect(nodes).toHaveLength(file === "compose.yaml" ? 1 : 3);
    for (const { environment } of nodes) {
      expect(strange(Object.keys(environment))).toEqual([]);
      const plain = Object.entries(environment).filter(([, value]) => !value.includes("${"));
      expect(() => toConfig(Object.fromEntries(plain))).not.toThrow();
    }
  });

  it("gives a node the time that its stop may take", () => {
    for (const { environment, stop_grace_period: grace = "" } of nodesOf(file))
      expect(Number(/^(\d+)s$/u.exec(grace)?.[1])).toBeGreaterThanOrEqual(stopSeconds(environment));
  });
});

it("the proxy asks the nodes that there are", () => {
  const { services } = composed.parse(parseDocument(read("compose.nodes.yaml"), { merge: true }).toJS());
  const asked = /reverse_proxy (.*) \{/u.exec(read("Caddyfile"))?.[1]?.split(" ") ?? [];
  expect(asked).toHaveLength(3);
  expect(asked.filter((address) => services[address.replace(/:4600$/u, "")] === undefined)).toEqual([]);
});

/** Drain, then three waits: for the reports, for the deliveries, and for attempts under way. */
function stopSeconds(environment: Record<string, string>): number {
  const { drainMs, stopMs } = toConfig({
    OFFHOOK_DRAIN_SECONDS: environment["OFFHOOK_DRAIN_SECONDS"] ?? "",
    OFFHOOK_STOP_SECONDS: environment["OFFHOOK_STOP_SECONDS"] ?? "",
  });
  return (drainMs + 3 * stopMs) / 1_000;
}

describe("kubernetes", () => {
  it("lists every file, but for the example of a secret and the Job that is run by hand", () => {
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(parseDocument(read("kubernetes/kustomization.yaml")).toJS());
    const apart = ["kustomization.yaml", "migrate.yaml", "secret.example.yaml"];
    expect([...resources, ...apart].toSorted()).toEqual(files.map((file) => basename(file)));
    expect(workloads.map(({ name }) => name).toSorted()).toEqual([
      "offhook-calls",
      "offhook-delivery",
      "offhook-migrate",
    ]);
  });

  it("sets only what the server reads, and to what it takes", () => {
    expect(strange([...Object.keys(settings), ...Object.keys(secrets)])).toEqual([]);
    for (const { container: one, name } of workloads) {
      const given = one.env.filter(({ valueFrom }) => valueFrom?.fieldRef === undefined);
      expect(strange(given.map((each) => each.name)), name).toEqual([]);
      const plain = one.env.flatMap((each) => (each.value === undefined ? [] : [[each.name, each.value]]));
      expect(() => toConfig({ ...settings, ...Object.fromEntries(plain) })).not.toThrow();
      for (const { valueFrom } of one.env)
        if (valueFrom?.secretKeyRef !== undefined)
          expect(Object.keys(secrets), name).toContain(valueFrom.secretKeyRef.key);
    }
  });

  it("has between the nodes every role", () => {
    const chosen = workloads.flatMap(({ container: { args } }) => (args[0] === "start" ? args.slice(2) : []));
    const roles = chosen.flatMap((text) => toConfig({ OFFHOOK_ROLES: text }).roles);
    expect(roles.toSorted()).toEqual(["api", "calls", "delivery"]);
  });

  it("gives a node the time that its stop may take", () => {
    const nodes = workloads.filter(({ container: { args } }) => args[0] === "start");
    expect(nodes).toHaveLength(2);
    for (const { name, pods, container: one } of nodes) {
      const own = Object.fromEntries(one.env.map((each) => [each.name, each.value ?? ""]));
      const before = one.lifecycle?.preStop.sleep.seconds ?? 0;
      const grace = pods.spec.terminationGracePeriodSeconds ?? 30;
      expect(grace, name).toBeGreaterThanOrEqual(before + stopSeconds({ ...settings, ...own }));
    }
  });

  it("selects with labels that the pods have, and nothing else", () => {
    for (const one of [...ofKind("Deployment"), ...ofKind("PodDisruptionBudget"), ...ofKind("Service")]) {
      const wanted = Object.entries(selectorOf(one.spec?.["selector"]));
      const found = workloads.filter(({ pods: { metadata } }) =>
        wanted.every(([label, value]) => metadata.labels[label] === value),
      );
      const component = nameOf(one) === "offhook" ? "offhook-calls" : nameOf(one);
      expect(
        found.map(({ name }) => name),
        `${one.kind} ${nameOf(one)}`,
      ).toEqual([component]);
    }
  });

  it("scales what there is", () => {
    const scaled = ofKind("HorizontalPodAutoscaler").map(
      ({ spec }) =>
        z.object({ scaleTargetRef: z.object({ name: z.string() }) }).parse(spec).scaleTargetRef.name,
    );
    expect(scaled.toSorted()).toEqual(ofKind("Deployment").map(nameOf).toSorted());
  });

  it("listens where it is looked for, and asks at addresses that answer", async () => {
    for (const { container: one } of workloads.filter(({ container: { args } }) => args[0] === "start")) {
      const ports = Object.fromEntries(one.ports.map((each) => [each.name, each.containerPort]));
      expect(ports).toEqual({
        http: Number(settings["OFFHOOK_PORT"]),
        metrics: Number(settings["OFFHOOK_METRICS_PORT"]),
      });
      const probes = [one.startupProbe, one.livenessProbe, one.readinessProbe];
      for (const asked of probes) {
        expect(ports[asked?.httpGet.port ?? ""]).toBeDefined();
        const answer = await fetch(`${server.url}${asked?.httpGet.path}`);
        expect(answer.status).toBe(200);
      }
    }
    const opened = [...read("kubernetes/network.yaml").matchAll(/port: (46\d\d)/gu)].map(
      ([, number]) => number,
    );
    expect([...new Set(opened)]).toEqual([settings["OFFHOOK_PORT"], settings["OFFHOOK_METRICS_PORT"]]);
  });
});

describe("the Dockerfile", () => {
  const dockerfile = read("Dockerfile");

  it("sets only what the server reads", () => {
    const set = [...dockerfile.matchAll(/\b(OFFHOOK_\w+)=/gu)].map(([, name = ""]) => name);
    expect(set).toHaveLength(3);
    expect(strange(set)).toEqual([]);
  });

  it("asks at an address that answers", async () => {
    const path = /\$\{process\.env\.OFFHOOK_PORT\}(\/\w+)/u.exec(dockerfile)?.[1];
    expect((await fetch(`${server.url}${path}`)).status).toBe(200);
  });

  it("copies every package of ours that the command line needs", () => {
    const own = z.object({ dependencies: labels.default({}) });
    const needed = (name: string): string[] => {
      const path = join(folder, "../packages", name, "package.json");
      const { dependencies } = own.parse(JSON.parse(readFileSync(path, "utf8")));
      const ours = Object.keys(dependencies).flatMap((each) => /^@offhook\/(.*)$/u.exec(each)?.[1] ?? []);
      return [name, ...ours.flatMap(needed)];
    };
    const copied = [...dockerfile.matchAll(/^COPY --from=modules \/app\/packages\/(\w+) /gmu)];
    expect(copied.map(([, name = ""]) => name).toSorted()).toEqual([...new Set(needed("cli"))].toSorted());
  });
});
