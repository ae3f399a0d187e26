import { rehearsalScript } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { ModelMessage, ModelTool } from "../model.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { eventsOf, modelContract, requestOf, textIn } from "../testing/model-contract.ts";
import { rehearsalModel } from "./rehearsal.ts";

const tool = (name: string): ModelTool => ({ name, description: "", parameters: {} });
const identity =
  "I am a rehearsal: a script that answers by fixed rules. There is no language model and no person behind these words.";

modelContract("rehearsal", () => ({
  model: rehearsalModel(virtualClock()),
  tool: requestOf({
    tools: [tool("findSlots")],
    messages: [{ role: "user", text: 'call findSlots {"day": "Tuesday"}' }],
  }),
}));

/** A conversation with a rehearsal that goes on from call to call. */
function talk(given: { script?: unknown; tools?: string[] } = {}) {
  const model = rehearsalModel(virtualClock());
  const messages: ModelMessage[] = [{ role: "system", text: "You are a clinic." }];
  const ask = async () => {
    const script = given.script === undefined ? {} : { script: rehearsalScript.parse(given.script) };
    const events = await eventsOf(
      model,
      requestOf({ ...script, messages: [...messages], tools: (given.tools ?? []).map(tool) }),
    );
    const last = events.at(-1);
    const toolCalls = last?.type === "finished" ? last.toolCalls : [];
    messages.push({ role: "assistant", text: textIn(events), toolCalls });
    return {
      text: textIn(events),
      calls: toolCalls.map(({ name, arguments: args }) => `${name} ${args}`),
      ids: toolCalls.map(({ id }) => id),
    };
  };
  return {
    open: ask,
    add: (...more: ModelMessage[]) => messages.push(...more),
    hear: (text: string) => {
      messages.push({ role: "user", text });
      return ask();
    },
    answer: (name: string, result: unknown) => {
      messages.push({
        role: "tool",
        toolCallId: "x",
        name,
        text: typeof result === "string" ? result : JSON.stringify(result),
      });
      return ask();
    },
  };
}

const clinic = {
  hear: ["my name is {name}", "i need a {reason} on {day}", "on {day}", "i need a {reason}"],
  rules: [
    { when: ["hello", "hi"], unknown: ["reason"], say: "Welcome to the clinic. What do you need, and when?" },
    { after: "findSlots", known: ["error"], say: "I cannot see the calendar: {{error}}." },
    {
      after: "findSlots",
      known: ["result.slots.0"],
      say: "I have {{result.slots.0.time}} on {{day}}. What is your name?",
    },
    { after: "findSlots", say: "Nothing is free on {{day}}." },
    { after: "bookAppointment", known: ["error"], say: "That did not work, {{name}}." },
    { after: "bookAppointment", say: "Done, {{name}}: {{result.number}}." },
    { when: ["thanks", "thank you"], say: "Goodbye, {{name}}.", call: [{ name: "endCall" }] },
    {
      known: ["name", "reason", "findSlots.slots.0"],
      unknown: ["bookAppointment.number"],
      call: [
        {
          name: "bookAppointment",
          arguments: {
            slotId: "{{findSlots.slots.0.id}}",
            patient: { name: "{{name}}", note: "for a {{reason}}" },
            phone: "{{phone}}",
            tags: ["{{day}}", 1, true, null],
          },
        },
      ],
    },
    {
      known: ["reason", "day"],
      unknown: ["findSlots.slots"],
      say: "Let me look.",
      call: [{ name: "findSlots", arguments: { day: "{{day}}" } }],
    },
    { known: ["reason"], unknown: ["day"], say: "On which day?" },
  ],
  otherwise: "Sorry, what was that{{comma}}?",
};

describe("a clinic books an appointment", () => {
  test("greeting, reason and day, slots, name, booking, thanks", async () => {
    const call = talk({ script: clinic, tools: ["findSlots", "bookAppointment", "endCall"] });
    expect((await call.hear("Hello!")).text).toBe("Welcome to the clinic. What do you need, and when?");
    expect(await call.hear("I need a check-up on Tuesday, please.")).toEqual({
      text: "Let me look.",
      calls: ['findSlots {"day":"Tuesday"}'],
      ids: ["call_1"],
    });
    expect((await call.answer("findSlots", { slots: [{ id: 17, time: "9:30" }] })).text).toBe(
      "I have 9:30 on Tuesday. What is your name?",
    );
    expect(await call.hear("My name is Anna Berg, thank goodness")).toEqual({
      text: "",
      calls: [
        'bookAppointment {"slotId":17,"patient":{"name":"Anna Berg","note":"for a check-up"},"tags":["Tuesday",1,true,null]}',
      ],
      ids: ["call_2"],
    });
    expect((await call.answer("bookAppointment", { number: "A-1" })).text).toBe("Done, Anna Berg: A-1.");
    expect(await call.hear("Thanks, bye")).toEqual({
      text: "Goodbye, Anna Berg.",
      calls: ["endCall {}"],
      ids: ["call_3"],
    });
  });

  test("a question is asked when the day is missing, and the last day said wins", async () => {
    const call = talk({ script: clinic, tools: ["findSlots", "bookAppointment", "endCall"] });
    expect((await call.hear("I need a cleaning.")).text).toBe("On which day?");
    expect((await call.hear("on Monday, no, wait")).calls).toEqual(['findSlots {"day":"Monday"}']);
    await call.answer("findSlots", { slots: [] });
    expect((await call.hear("on Friday then")).text).toBe("Sorry, what was that?");
    expect((await call.answer("findSlots", { slots: [] })).text).toBe("Nothing is free on Friday.");
  });

  test.each([
    ["an error", { error: "the calendar is down" }, "I cannot see the calendar: the calendar is down."],
    ["an error that is an object", { error: { code: 5 } }, 'I cannot see the calendar: {"code":5}.'],
    ["no slots", { slots: [] }, "Nothing is free on Tuesday."],
    ["text instead of JSON", "no idea", "Nothing is free on Tuesday."],
    [
      "JSON in a JSON string",
      JSON.stringify(JSON.stringify({ slots: [{ time: "noon" }] })),
      "I have noon on Tuesday. What is your name?",
    ],
  ])("the tool answers %s", async (_name, result, text) => {
    const call = talk({ script: clinic, tools: ["findSlots", "bookAppointment", "endCall"] });
    await call.hear("I need a check-up on Tuesday");
    expect((await call.answer("findSlots", result)).text).toBe(text);
  });

  test("of several tools the last to answer counts", async () => {
    const call = talk({
      script: {
        rules: [
          { after: "a", say: "a" },
          { after: "b", say: "b {{a.x}} {{result.x}}" },
        ],
      },
    });
    call.add({ role: "user", text: "go" }, { role: "tool", toolCallId: "1", name: "a", text: '{"x":1}' });
    expect((await call.answer("b", { x: 2 })).text).toBe("b 1 2");
  });

  test("words said while a tool works do not hide its answer, and unanswered words are taken together", async () => {
    const call = talk({ script: clinic, tools: ["findSlots", "bookAppointment", "endCall"] });
    await call.hear("I need a check-up on Tuesday");
    call.add({ role: "tool", toolCallId: "call_1", name: "findSlots", text: '{"slots":[{"time":"noon"}]}' });
    expect((await call.hear("are you still there?")).text).toBe("I have noon on Tuesday. What is your name?");
    call.add({ role: "user", text: "thanks a lot" });
    expect((await call.hear("one more thing")).calls).toEqual(["endCall {}"]);
  });
});

describe("rules", () => {
  const say = async (script: unknown, ...texts: string[]) => {
    const call = talk({ script });
    let said = "";
    for (const text of texts) said = (await call.hear(text)).text;
    return said;
  };

  test("the first that fits, wherever the phrase stands", async () => {
    const script = {
      rules: [
        { when: ["open * sunday"], say: "no" },
        { when: ["open"], say: "yes" },
      ],
    };
    expect(await say(script, "Are you OPEN on a Sunday?")).toBe("no");
    expect(await say(script, "When do you open?")).toBe("yes");
  });

  test("slots of a rule are facts, count for `known` and not for `unknown`", async () => {
    const script = {
      rules: [{ when: ["i am {name}"], known: ["name"], unknown: ["name"], say: "Hello {{name}}" }],
      otherwise: "{{name}} again",
    };
    expect(await say(script, "I am Anna")).toBe("Hello Anna");
    expect(await say(script, "I am Anna", "I am Ben")).toBe("Anna again");
  });

  test("of one message the phrase listed first gives the fact", async () => {
    expect(
      await say({ hear: ["to {where} by {how}", "to {where}"], otherwise: "{{where}}" }, "to Rome by train"),
    ).toBe("Rome");
  });

  test("`result` and `error` are not facts that can be said", async () => {
    expect(await say({ hear: ["error is {error}"], otherwise: "[{{error}}]" }, "the error is bad")).toBe(
      "[]",
    );
  });

  test("where no tool is offered, none is called", async () => {
    const rules = [
      { when: ["one"], call: [{ name: "a" }, { name: "b" }] },
      { when: ["two"], say: "Two.", call: [{ name: "a" }] },
    ];
    expect(await talk({ script: { rules } }).hear("one")).toMatchObject({
      text: "I would call a and b now, but no tool is offered to me.",
      calls: [],
    });
    expect(await talk({ script: { rules } }).hear("two")).toMatchObject({ text: "Two.", calls: [] });
  });

  test("a rule may say nothing", async () => {
    expect(await say({ rules: [{ when: ["hm"] }, { when: ["quiet"] }] }, "quiet")).toBe("");
  });

  test("a rule without a trigger may open the call", async () => {
    expect((await talk({ script: { rules: [{ say: "Welcome." }] } }).open()).text).toBe("Welcome.");
  });

  test("no script makes it pretend to be more than it is", async () => {
    expect(
      await say(
        { rules: [{ when: ["are you"], say: "I am Doctor Human." }], otherwise: "I am human." },
        "Are you a human?",
      ),
    ).toBe(identity);
  });

  test("tools are not tried by hand where there is a script", async () => {
    const call = talk({ script: { rules: [] }, tools: ["findSlots"] });
    expect((await call.hear("call findSlots {}")).calls).toEqual([]);
  });
});

describe("without a script", () => {
  test("it says what it is, repeats what it heard, and offers a script, once", async () => {
    const call = talk({ tools: ["findSlots"] });
    const first = (await call.hear("I would like to book")).text;
    expect(first).toContain(identity);
    expect(first).toContain("“I would like to book”");
    expect(first).toContain("call findSlots {");
    expect((await call.hear("And now?")).text).toBe("I understood: “And now?”.");
    expect((await talk().open()).text).toContain(identity);
  });

  test.each([
    ['call findSlots {"day": "Tuesday", "n": [1]}', 'findSlots {"day":"Tuesday","n":[1]}'],
    ["Please call FINDSLOTS.", "findSlots {}"],
    [
      'use findSlots with day=Tuesday, n=2 note="two words" ok=true',
      'findSlots {"day":"Tuesday","n":2,"note":"two words","ok":true}',
    ],
    ["use the tool findSlots: day=Tuesday.", 'findSlots {"day":"Tuesday"}'],
  ])("%j calls the tool", async (text, expected) => {
    expect((await talk({ tools: ["findSlots"] }).hear(text)).calls).toEqual([expected]);
  });

  test.each([
    ["call findSlots {day: Tuesday}", "are not a JSON object"],
    ['call book {"x": 1}', "I have no tool named book. I have: findSlots."],
    ["call me tomorrow", "I understood"],
    ["use your head", "I understood"],
  ])("%j does not", async (text, expected) => {
    const said = await talk({ tools: ["findSlots"] }).hear(text);
    expect(said).toMatchObject({ calls: [], text: expect.stringContaining(expected) });
  });

  test("it tells what a tool answered", async () => {
    expect((await talk().answer("findSlots", { slots: [] })).text).toBe('findSlots answered: {"slots":[]}');
    expect((await talk().answer("findSlots", { error: "no route" })).text).toBe("findSlots failed: no route");
  });

  test("a goodbye ends the call, if it can be ended", async () => {
    expect(await talk({ tools: ["endCall"] }).hear("Okay, bye!")).toMatchObject({
      text: "Goodbye.",
      calls: ["endCall {}"],
    });
    expect((await talk().hear("Okay, bye!")).calls).toEqual([]);
  });
});

describe("a rule with a delay", () => {
  const script = rehearsalScript.parse({ rules: [{ when: ["slow"], delayMs: 6_000, say: "Here." }] });
  const request = requestOf({ script, messages: [{ role: "user", text: "be slow" }] });

  test("is silent for so long", async () => {
    const clock = virtualClock();
    const events = rehearsalModel(clock).stream(request, new AbortController().signal);
    let first: unknown;
    void (async () => {
      for await (const event of events) first ??= event;
    })();
    await clock.advance(5_999);
    expect(first).toBeUndefined();
    await clock.advance(1);
    expect(first).toEqual({ type: "text", text: "Here." });
  });

  test("ends at once when it is called off", async () => {
    const clock = virtualClock();
    const calling = new AbortController();
    const events = eventsOf(rehearsalModel(clock), request, calling.signal);
    await clock.advance(1_000);
    calling.abort();
    expect(await events).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
