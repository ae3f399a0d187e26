import { assistantBody } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { clinicAssistant } from "./assistant.ts";
import { Book } from "./book.ts";
import { clinic } from "./clinic.ts";

const secret = "a secret of the clinic";
const book = new Book(":memory:");
const tools = clinic({ book, secret, deliver: async () => undefined }).definitions();
const assistant = assistantBody.parse(
  clinicAssistant({ url: "http://127.0.0.1:4000/offhook", secret, tools }),
);

describe("the clinic's assistant", () => {
  it("is one that the API takes, and rehearses", () => {
    expect(assistant).toMatchObject({
      assistantProvider: "rehearsal",
      assistantServer: { enabled: true, url: "http://127.0.0.1:4000/offhook", secret },
      assistantPredefinedTools: ["endCall"],
    });
  });

  it("has the clinic's tools, one of them async", () => {
    expect(tools.map(({ name, async }) => [name, async])).toEqual([
      ["findSlots", false],
      ["bookAppointment", false],
      ["sendConfirmation", true],
    ]);
  });

  it("rehearses with tools that there are, and with arguments that they take", () => {
    const calls = assistant.rehearsal?.rules.flatMap(({ call }) => call ?? []) ?? [];
    const known = new Map<string, string[]>([["endCall", []]]);
    for (const { name, parameters } of tools) known.set(name, Object.keys(parameters["properties"] ?? {}));
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls)
      expect(known.get(call.name)).toEqual(expect.arrayContaining(Object.keys(call.arguments)));
  });
});
