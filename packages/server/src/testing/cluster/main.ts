import { mkdir, writeFile } from "node:fs/promises";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngines } from "./cluster.ts";
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

const rows: Row[] = [];
const print = (text: string): number => writeSync(1, `${text}\n`);
const engines = names.some((name) => harmCases[name].shares === "engines") ? await openEngines() : null;
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const name of names) {
      const seed = Number(values.seed) + round;
      const row = {
        name,
        seed,
        ...(await play({ harmCase: harmCases[name], engines, seed, isBrief: values.brief })),
      };
      rows.push(row);
      print(tableOf([row]).split("\n").at(-1) ?? "");
      const faults = faultsIn(row);
      if (faults.length === 0) continue;
      print(faults.map((fault) => `  ${fault}`).join("\n"));
      if (values.logs !== undefined) await keepLog(values.logs, row);
    }
  }
} finally {
  await engines?.close();
}
print(`\n${tableOf(rows)}`);
process.exitCode = rows.some((row) => faultsIn(row).length > 0) ? 1 : 0;

async function keepLog(folder: string, { name, seed, heard }: Row): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = heard.map(({ at, server, line }) => `${new Date(at).toISOString()} ${server} ${line}\n`);
  await writeFile(join(folder, `${name}-${seed}.log`), lines.join(""));
}
