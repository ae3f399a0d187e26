import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { formats, jsonObject, tellTypes } from "@offhook/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import { documents, folders } from "./documents.ts";

const root = join(import.meta.dirname, "../../..");

let written: ReadonlyMap<string, string>;
beforeAll(async () => {
  written = await documents();
});

const parsed = (path: string) => jsonObject.parse(JSON.parse(readFileSync(join(root, path), "utf8")));

describe("the reference documents", () => {
  it("are what the schemas and the server say today: otherwise run `npm run generate`", () => {
    const stale = [...written].filter(([path, text]) => {
      try {
        return readFileSync(join(root, path), "utf8") !== text;
      } catch {
        return true;
      }
    });
    expect(stale.map(([path]) => path)).toEqual([]);
  });

  it("are all that stands there", () => {
    const standing = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    );
    expect(standing.filter((path) => !written.has(path))).toEqual([]);
  });

  it("have an OpenAPI 3.1 document, by the specification's own schema", async () => {
    const result = await new Validator().validate(parsed("docs/reference/openapi.json"));
    expect(result.errors ?? []).toEqual([]);
  });

  it("have JSON Schemas that compile", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const names = readdirSync(join(root, "docs/reference/schemas"));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names)
      expect(ajv.compile(parsed(`docs/reference/schemas/${name}`))).toBeTypeOf("function");
  });
});

describe.each(formats)("the fixtures of %s", (format) => {
  const folder = `docs/reference/fixtures/${format}`;

  it("fit their schemas, and no schema takes another's", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const names = readdirSync(join(root, folder));
    expect(names).toHaveLength(tellTypes.length + 2);
    for (const name of names) {
      const validate = ajv.compile(parsed(`docs/reference/schemas/${name}`));
      const taken = names.filter((other) => validate(parsed(`${folder}/${other}`)));
      expect(taken, ajv.errorsText(validate.errors)).toEqual([name]);
    }
  });
});
