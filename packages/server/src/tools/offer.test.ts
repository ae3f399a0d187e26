import { flatTool, toolDefinition } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { offer, type Toolbox } from "./offer.ts";

const tool = (given: object) => flatTool(toolDefinition.parse(given));
const box = (over: Partial<Toolbox>): Toolbox => ({
  tools: [],
  builtIns: [],
  endCallToolDescription: undefined,
  ...over,
});

const findSlots = {
  name: "findSlots",
  description: "Finds free slots.",
  parameters: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
};

describe("a tool", () => {
  test("is shown by name, description and parameters, in both forms", () => {
    const shown = [{ ...findSlots }];
    expect(
      offer(box({ tools: [tool({ ...findSlots, server: { url: "https://example.org" } })] })).tools,
    ).toEqual(shown);
    expect(offer(box({ tools: [tool({ type: "function", function: findSlots })] })).tools).toEqual(shown);
  });

  test("that is strict is shown so", () => {
    const strict = tool({ type: "function", function: { ...findSlots, strict: true } });
    expect(offer(box({ tools: [strict] })).tools).toEqual([{ ...findSlots, strict: true }]);
  });

  test("without parameters takes an empty object", () => {
    const shown = { name: "ping", description: "", parameters: { type: "object", properties: {} } };
    expect(offer(box({ tools: [tool({ name: "ping" })] })).tools).toEqual([shown]);
    expect(offer(box({ tools: [tool({ name: "ping", parameters: {} })] })).tools).toEqual([shown]);
  });

  test("does not show what it adds by itself", () => {
    const parameters = {
      type: "object",
      properties: { day: { type: "string" }, clinic: { type: "string" } },
      required: ["day", "clinic"],
    };
    const [shown] = offer(
      box({ tools: [tool({ name: "book", parameters, staticParameters: { clinic: "c-1", apiKey: "k" } })] }),
    ).tools;
    expect(shown?.parameters).toEqual({
      type: "object",
      properties: { day: { type: "string" } },
      required: ["day"],
    });
    expect(JSON.stringify(shown)).not.toMatch(/c-1|apiKey/u);
  });
});

describe("built-ins", () => {
  test("are shown with their descriptions, endCall's own if there is one", () => {
    const both = offer(
      box({
        builtIns: ["endCall", "callForward"],
        forwardTo: { phoneNumber: "+1555", name: "the front desk" },
      }),
    );
    expect(both.tools.map(({ name }) => name)).toEqual(["endCall", "callForward"]);
    expect(both.tools[1]?.description).toContain("the front desk");
    expect(JSON.stringify(both.tools)).not.toContain("+1555");
    const own = offer(box({ builtIns: ["endCall"], endCallToolDescription: "Hang up after the booking." }));
    expect(own.tools[0]?.description).toBe("Hang up after the booking.");
  });

  test("are not shown when they are not chosen, and once when chosen twice", () => {
    expect(offer(box({})).tools).toEqual([]);
    expect(offer(box({ builtIns: ["endCall", "endCall"] })).tools).toHaveLength(1);
  });
});

describe("what is refused", () => {
  test("the second of two with one name, with a sentence", () => {
    const given = offer(box({ tools: [tool(findSlots), tool({ ...findSlots, description: "Another." })] }));
    expect(given.tools).toEqual([findSlots]);
    expect(given.refused).toEqual([
      { name: "findSlots", detail: expect.stringContaining("Two tools are named findSlots") },
    ]);
  });

  test.each(["endCall", "callForward"])("a tool with the name of the built-in %s, chosen or not", (name) => {
    const given = offer(box({ tools: [tool({ name })] }));
    expect(given).toEqual({ tools: [], refused: [{ name, detail: expect.stringContaining("built-in") }] });
  });
});
