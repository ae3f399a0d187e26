import type { Control, ToolDefinition } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { refuseControl } from "./control.ts";
import { limits } from "./limits.ts";
import type { StateName } from "./state.ts";
import { scenes } from "./testing/scenes.ts";
import { asks, tool, toolElsewhere } from "./testing/setup.ts";
import { connected, type Talk, talk } from "./testing/talk.ts";

const say: Control = { type: "say", message: "One moment." };
const note: Control = { type: "add-message", role: "system", text: "The user is Ann." };
const forward: Control = { type: "forward", phoneNumber: "+4989" };
const update: Control = { type: "update", prompt: "Be brief." };

const controls: Record<Control["type"], Control> = {
  say,
  end: { type: "end" },
  forward,
  dtmf: { type: "dtmf", digits: "1" },
  "add-message": note,
  mute: { type: "mute" },
  unmute: { type: "unmute" },
  "tool-result": { type: "tool-result", toolCallId: "tool_nobody_1", result: "x" },
  update,
};

/** Why each control is refused in each state; what is left out is accepted. */
const anywhere = { dtmf: "not-on-this-channel", "tool-result": "unknown-tool-call" };
const refusals: Record<StateName, Partial<Record<Control["type"], string>>> = {
  queued: anywhere,
  listening: anywhere,
  thinking: anywhere,
  replying: anywhere,
  held: anywhere,
  acting: anywhere,
  speaking: anywhere,
  closing: allBut("end", "call-ending"),
  ended: { ...allBut("end", "call-finished"), end: "call-finished" },
};

function allBut(spared: string, code: string): Partial<Record<Control["type"], string>> {
  return Object.fromEntries(Object.keys(controls).flatMap((type) => (type === spared ? [] : [[type, code]])));
}

const cells = Object.keys(refusals).flatMap((state) =>
  Object.values(controls).map((control) => ({
    state: state as StateName,
    type: control.type,
    control,
    code: refusals[state as StateName][control.type],
  })),
);

describe("whether a control is accepted", () => {
  it.each(cells)("while $state: $type ($code)", ({ state, control, code }) => {
    const call = scenes[state]();
    expect(refuseControl(call.state, control)?.refused).toBe(code);
    call.control(control);
    if (code === undefined) expect(call.wrote[0]).toBe(`control ${control.type}`);
    else expect(call.unchanged).toBe(true);
  });

  it("is refused in a sentence that says why", () => {
    expect(refuseControl(scenes.closing().state, say)?.detail).toContain("only `end` can still be done");
    expect(refuseControl(connected().state, controls["tool-result"])?.detail).toContain("tool_nobody_1");
  });

  it("is refused when the agenda is full and it would have to wait", () => {
    const call = withFullAgenda();
    expect(refuseControl(call.state, say)?.refused).toBe("agenda-full");
    expect(call.control(say).unchanged).toBe(true);
  });

  it.each([
    { type: "end" },
    { type: "forward", phoneNumber: "+491" },
    { type: "mute" },
    { type: "unmute" },
    { type: "update", prompt: "Be brief." },
  ] as const)("is not refused when the agenda is full and $type need not wait", (control) => {
    expect(refuseControl(withFullAgenda().state, control)).toBeUndefined();
  });

  it("is not refused when the agenda is full and it answers a tool that is being waited for", () => {
    const call = withFullAgenda().modelFinishes(asks("book"));
    const control = { type: "tool-result", toolCallId: call.toolCallId(1), result: "Booked." } as const;
    expect(refuseControl(call.state, control)).toBeUndefined();
    expect(call.control(control).wrote).toContain("tool 1 answered: Booked.");
  });

  it("keeps secrets out of the journal", () => {
    const secret = {
      ...tool("book"),
      server: {
        url: "https://x.example",
        method: "POST",
        timeoutSeconds: 20,
        headers: {},
        secret: "s3cret-s3cret",
      },
    } as const;
    const call = connected().control({ type: "update", tools: [secret] });
    expect(JSON.stringify(call.entries)).not.toContain("s3cret");
    expect(JSON.stringify(call.entries)).toContain("x.example");
  });
});

function withFullAgenda(): Talk {
  const call = scenes.replying();
  for (let count = 1; count < limits.agendaMax; count += 1)
    call.control({ type: "say", message: `item ${count}` });
  expect(call.state.core.agenda).toHaveLength(limits.agendaMax - 1);
  return call;
}

describe("control say", () => {
  it.each(["listening", "thinking", "acting"] as const)("is said at once while %s", (state) => {
    const call = scenes[state]().control(say);
    expect(call.wrote).toEqual(["control say", "assistant: One moment."]);
    expect(call.did).toEqual(['say "One moment."']);
    expect(call.state.name).toBe(state);
  });

  it("is said after the reply that is being said", () => {
    const call = scenes.replying().control(say);
    expect(call.wrote).toEqual(["control say"]);
    expect(call.did).toEqual([]);
    call.modelFinishes();
    expect(call.wrote).toEqual([
      "reply 1 kept",
      "assistant: Hi.",
      "turn 1 answered",
      "assistant: One moment.",
    ]);
    expect(call.did).toEqual(["say no more", 'say "One moment."']);
  });

  it("is said after what was to be said before, though tools are at work", () => {
    const call = scenes.replying().control({ type: "say", message: "first" }).modelFinishes(asks("book"));
    expect(call.control({ type: "say", message: "second" }).did).toEqual([]);
    call.toolAnswers(1, "Booked.").modelReplies("Done.");
    expect(call.did).toEqual(["say no more", 'say "first"', 'say "second"']);
  });

  it("is said after what still waits for the user to be silent", () => {
    const call = scenes.listening().begins().control({ type: "say", message: "first" });
    expect(call.control({ type: "say", message: "second" }).did).toEqual([]);
    expect(call.fallsSilent().did).toEqual(["resume", 'say "first"', 'say "second"']);
  });

  it("is said once the line stands", () => {
    expect(talk().control(say).connects().wrote).toEqual(["ongoing", "assistant: One moment."]);
  });

  it("is known to the model, after the results when tools were at work", () => {
    const call = scenes.acting().control(say).toolAnswers(1, "Booked.");
    expect(call.given.slice(-2)).toEqual(["tool: Booked.", "assistant: One moment."]);
  });

  it("is said though the assistant is muted", () => {
    expect(connected().control({ type: "mute" }).control(say).did).toEqual(['say "One moment."']);
  });
});

describe("control add-message", () => {
  it("of the system is known to the model and to nobody else", () => {
    const call = connected().control(note);
    expect(call.wrote).toEqual(["control add-message"]);
    expect(call.hears("Hello").given).toEqual([
      "system: Be kind.",
      "system: The user is Ann.",
      "user: Hello",
    ]);
  });

  it("of the assistant is written and not said", () => {
    const call = connected().control({ type: "add-message", role: "assistant", text: "We wrote to you." });
    expect(call.wrote).toEqual(["control add-message", "assistant: We wrote to you."]);
    expect(call.did).toEqual([]);
  });

  it("of the user is answered", () => {
    const call = connected().control({ type: "add-message", role: "user", text: "From the form." });
    expect(call.wrote.slice(-1)).toEqual(["model asked for reply 1"]);
    expect(call.wrote).toContain("turn 1 begins: control");
    expect(call.given).toEqual(["system: Be kind.", "user: From the form."]);
  });

  it.each([
    { role: "user", respond: false, state: "listening" },
    { role: "system", respond: true, state: "thinking" },
    { role: "assistant", respond: true, state: "thinking" },
  ] as const)("of the $role leaves the call $state when respond is $respond", ({ role, respond, state }) => {
    const call = connected().control({ type: "add-message", role, text: "Well.", respond });
    expect(call.state.name).toBe(state);
  });

  it("is not answered while the assistant is muted", () => {
    const call = connected()
      .control({ type: "mute" })
      .control({ type: "add-message", role: "user", text: "Well?" });
    expect(call.wrote).toEqual(["control add-message", "user: Well?"]);
    expect(call.state.name).toBe("listening");
  });

  it.each(["queued", "thinking", "replying", "acting"] as const)("waits while the call is %s", (state) => {
    const call = scenes[state]().control({ type: "add-message", role: "user", text: "Well?" });
    expect(call.wrote).toEqual(["control add-message"]);
    expect(call.did).toEqual([]);
  });

  it("is worked off oldest first, one turn at a time", () => {
    const call = scenes.replying().control({ type: "say", message: "first" });
    for (const text of ["second", "third"]) call.control({ type: "add-message", role: "user", text });
    call.modelFinishes();
    expect(call.wrote.slice(3)).toEqual([
      "assistant: first",
      "user: second",
      "turn 2 begins: control",
      "model asked for reply 2",
    ]);
    call.modelReplies("To the second.");
    expect(call.wrote).toContain("user: third");
  });
});

describe("control mute and unmute", () => {
  it.each(["queued", "listening", "thinking", "replying", "acting"] as const)(
    "is taken while %s, and stops nothing",
    (state) => {
      const call = scenes[state]().control({ type: "mute" });
      expect(call.wrote).toEqual(["control mute"]);
      expect(call.did).toEqual([]);
      expect(call.state.name).toBe(state);
    },
  );

  it("lets the assistant answer again", () => {
    const call = connected().control({ type: "mute" }).hears("Hello").control({ type: "unmute" });
    expect(call.wrote).toEqual(["control unmute"]);
    expect(call.hears("Hello?").state.name).toBe("thinking");
  });
});

describe("control tool-result", () => {
  const mailed = () => connected().hears("Mail me").modelFinishes(asks("mail"));
  const result = (call: Talk, value: string): Control => ({
    type: "tool-result",
    toolCallId: call.toolCallId(1),
    result: value,
  });

  it("is brought in when the call is listening, in a turn of its own", () => {
    const call = mailed().modelReplies("It is on its way.");
    call.control(result(call, "Delivered."));
    expect(call.wrote).toEqual([
      "control tool-result",
      "turn 2 begins: tool-result",
      "model asked for reply 3",
    ]);
    expect(call.given.at(-1)).toContain("The result of mail has come");
    expect(call.given.at(-1)).toContain("Delivered.");
  });

  it("waits for the end of a reply", () => {
    const call = mailed().modelSays("It is ");
    expect(call.control(result(call, "Delivered.")).wrote).toEqual(["control tool-result"]);
    expect(call.modelReplies("on its way.").wrote).toContain("turn 2 begins: tool-result");
  });

  it("is brought in once", () => {
    const call = mailed().modelReplies("It is on its way.");
    call.control(result(call, "Delivered.")).modelReplies("It is there.");
    expect(refuseControl(call.state, result(call, "Again."))?.refused).toBe("unknown-tool-call");
  });

  it("can follow the answer that the tool gave itself", () => {
    const call = mailed().modelReplies("It is on its way.").toolAnswers(1, "Accepted.");
    expect(refuseControl(call.state, result(call, "Delivered."))).toBeUndefined();
  });

  it("answers a tool that is being waited for", () => {
    const call = scenes.acting();
    call.control(result(call, "Booked."));
    expect(call.wrote).toEqual([
      "control tool-result",
      "tool 1 answered: Booked.",
      "model asked for reply 2",
    ]);
    expect(call.toolAnswers(1, "Late.").unchanged).toBe(true);
  });

  it("is known but not answered while the assistant is muted", () => {
    const call = mailed().modelReplies("It is on its way.").control({ type: "mute" });
    expect(call.control(result(call, "Delivered.")).wrote).toEqual(["control tool-result"]);
    expect(call.control({ type: "unmute" }).hears("Well?").given.join()).toContain("Delivered.");
  });
});

describe("control update", () => {
  it("gives the next turn the new prompt, model and tools", () => {
    const call = connected()
      .control({ type: "update", prompt: "Be brief.", model: "macaw", tools: [tool("dance")] })
      .hears("Hello");
    expect(call.given).toEqual(["system: Be brief.", "user: Hello"]);
    expect(call.request?.settings.model).toBe("macaw");
    expect(call.modelFinishes(asks("dance")).did).toEqual(["ask tool 1 dance {}"]);
  });

  it("leaves the open turn its prompt and model", () => {
    const call = scenes
      .acting()
      .control({ type: "update", prompt: "Be rude.", model: "macaw" })
      .toolAnswers(1, "Done.");
    expect([call.given[0], call.request?.settings.model]).toEqual(["system: Be kind.", "parrot"]);
    expect(call.modelReplies("Well.").hears("And?").given[0]).toBe("system: Be rude.");
  });

  it("leaves the open turn the tools that it was offered", () => {
    const call = scenes
      .thinking()
      .control({ type: "update", tools: [tool("dance")] })
      .modelFinishes(asks("book"));
    expect(call.did).toEqual(["ask tool 1 book {}"]);
  });

  it("leaves what it does not name", () => {
    const call = connected().control(update).hears("Hello");
    expect(call.request).toMatchObject({
      settings: { model: "parrot" },
      tools: { builtIns: ["endCall", "callForward"] },
    });
    expect(call.modelFinishes(asks("book")).did).toEqual(["ask tool 1 book {}"]);
  });

  it("reads wrapped tools as well as flat ones", () => {
    const { name, description, parameters } = toolElsewhere("dance", 20);
    const inner = { name, description, parameters };
    const wrapped: ToolDefinition = { type: "function", function: inner, async: false, messages: [] };
    const call = connected()
      .control({ type: "update", tools: [wrapped] })
      .hears("Hello")
      .modelFinishes(asks("dance"));
    expect(call.did).toEqual(["ask tool 1 dance {}"]);
  });

  it.each(["thinking", "replying", "acting"] as const)("stops nothing while %s", (state) => {
    const call = scenes[state]().control(update);
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe(state);
  });
});
