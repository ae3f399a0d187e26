import { mkdir, writeFile } from "node:fs/promises";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngines } from "./cluster.ts";
import type { Heard } from "./cluster-server.ts";
import { type CaseName, harmCases } from "./harms.ts";
import { play } from "./play.ts";
import { faultsIn, type Row, tableOf } from "./table.ts";

/**
 * `npm run chaos -- --rounds 20 --case kill`: does harm to servers under load,
 * of every kind or of one, prints what came of it and ends with 1 when
 * something was wrong. `--brief` keeps outages short, `--logs` says where to put
 * what the servers said when something was wrong.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    case: { type: "string", multiple: true, default: Object.keys(harmCases) },
    brief: { type: "boolean", default: false },
    logs: { type: "string" },
  },
});

function isCase(name: string): name is CaseName {
  return Object.hasOwn(harmCases, name);
}

const names = values.case.filter(isCase);
if (names.length < values.case.length) throw new Error(`the cases are ${Object.keys(harmCases).join(", ")}`);

// What is told to stop takes its servers with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const rows: Row[] = [];
const print = (text: string): number => writeSync(1, `${text}\n`);
const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join("\n");
const engines = names.some((name) => harmCases[name].shares === "engines") ? await openEngines() : null;
try {
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const name of names) await playOne(name, Number(values.seed) + round);
} finally {
  await engines?.close();
}
print(`\n${tableOf(rows)}`);
if (rows.some((row) => faultsIn(row).length > 0)) process.exitCode = 1;

async function playOne(name: CaseName, seed: number): Promise<void> {
  const heard: Heard[] = [];
  const given = { harmCase: harmCases[name], engines, seed, isBrief: values.brief };
  const played = await play({ ...given, hear: (one) => heard.push(one) }).catch((error: unknown) => {
    print(`${name}, seed ${seed}, could not be played: ${String(error)}`);
    process.exitCode = 1;
  });
  const row = played && { name, seed, ...played };
  if (row !== undefined) {
    rows.push(row);
    print(tableOf([row]).split("\n").at(-1) ?? "");
    if (faultsIn(row).length === 0) return;
    print(indented(faultsIn(row)));
  }
  if (values.logs !== undefined) await keepLog(values.logs, `${name}-${seed}.log`, heard);
}

async function keepLog(folder: string, file: string, heard: readonly Heard[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = heard.map(({ at, server, line }) => `${new Date(at).toISOString()} ${server} ${line}\n`);
  await writeFile(join(folder, file), lines.join(""));
}
