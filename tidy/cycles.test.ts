import { describe, expect, it } from "vitest";
import { checkCycles } from "./cycles.ts";
import { plant } from "./plant.ts";

const folder = "packages/server/src/calls";

describe("rule 2: circles", () => {
  it("finds one, and names the way round", () => {
    const house = plant({
      [`${folder}/a.ts`]: 'import { b } from "./b.ts";\nexport const a = b;\n',
      [`${folder}/b.ts`]: 'import { c } from "./c.ts";\nexport const b = c;\n',
      [`${folder}/c.ts`]: 'import type { a } from "./a.ts";\nexport const c: typeof a = 1;\n',
    });
    expect(checkCycles(house)).toEqual([
      `${folder}/a.ts → ${folder}/b.ts → ${folder}/c.ts → ${folder}/a.ts is a circle; ` +
        "move what both need into a file of its own",
    ]);
  });

  it("finds a file that imports itself", () => {
    expect(checkCycles(plant({ [`${folder}/a.ts`]: 'import { a } from "./a.ts";\n' }))).toHaveLength(1);
  });

  it("passes two ways to one file, and a worker that imports who started it", () => {
    const house = plant({
      [`${folder}/a.ts`]: 'import "./b.ts";\nimport "./c.ts";\n',
      [`${folder}/b.ts`]: 'import "./c.ts";\n',
      [`${folder}/c.ts`]: 'export const worker = new URL("./worker.ts", import.meta.url);\n',
      [`${folder}/worker.ts`]: 'import { worker } from "./c.ts";\n',
    });
    expect(checkCycles(house)).toEqual([]);
  });
});
