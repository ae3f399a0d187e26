import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fill, type Variables } from "./variables.ts";

const variables: Variables = {
  name: "Ada",
  date: "2026-03-02",
  empty: "",
  zero: 0,
  yes: true,
  list: [1, "a"],
  thing: { a: null },
  nothing: null,
  "first.name": "Ada",
  "serial-number": 7,
  looped: "{{name}}",
  money: "$& and $1",
};

function filled(text: string): { text: string; missing: string[] } {
  const missing = new Set<string>();
  return { text: fill(text, variables, missing), missing: [...missing] };
}

describe("a text with variables", () => {
  test.each<[text: string, result: string]>([
    ["Hello {{name}}!", "Hello Ada!"],
    ["{{name}}{{name}}", "AdaAda"],
    ["{{ name }} on {{\tdate\n}}", "Ada on 2026-03-02"],
    ["[{{empty}}]", "[]"],
    ["{{zero}} {{yes}}", "0 true"],
    ["{{list}} {{thing}}", '[1,"a"] {"a":null}'],
    ["{{first.name}} {{serial-number}}", "Ada 7"],
    ["{{looped}}", "{{name}}"],
    ["{{money}}", "$& and $1"],
    ["no variable", "no variable"],
    ["{name} {{}} {{ }} {{name", "{name} {{}} {{ }} {{name"],
    ["{{two words}} {{a,b}}", "{{two words}} {{a,b}}"],
    ["{{{name}}}", "{Ada}"],
    [`{{${"a".repeat(65)}}}`, `{{${"a".repeat(65)}}}`],
  ])("%j becomes %j", (text, result) => {
    expect(filled(text)).toEqual({ text: result, missing: [] });
  });

  test.each<[text: string, result: string, missing: string[]]>([
    ["Hello {{who}}!", "Hello !", ["who"]],
    ["{{who}} {{what}} {{who}}", "  ", ["who", "what"]],
    ["{{nothing}}", "", ["nothing"]],
    ["{{Name}}", "", ["Name"]],
    ["{{toString}} {{__proto__}} {{constructor}}", "  ", ["toString", "__proto__", "constructor"]],
  ])("%j becomes %j and says that %j is missing", (text, result, missing) => {
    expect(filled(text)).toEqual({ text: result, missing });
  });

  test("keeps all that is no variable, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const plain = text.replaceAll("{{", "{ {");
        expect(filled(plain)).toEqual({ text: plain, missing: [] });
      }),
    );
  });

  test("that only opens, a hundred thousand times, is read in no time", () => {
    const text = "{{ ".repeat(100_000);
    expect(filled(text).text).toBe(text);
  });
});
