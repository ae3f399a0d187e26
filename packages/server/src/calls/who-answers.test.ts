import {
  assistantRequest,
  type CallId,
  type ConnectBody,
  connectBody,
  type JsonObject,
} from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { signature } from "../delivery/sign.ts";
import { journalOf, openHouse } from "../testing/house.ts";
import { recordingEgress } from "../testing/receiver.ts";
import { virtualClock } from "../testing/virtual-clock.ts";

const secret = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;
const server = {
  url: "http://127.0.0.1:9/who",
  timeoutSeconds: 7.5,
  secret,
  headers: { "x-api-key": "hidden-7" },
};

type Chosen = Exclude<NonNullable<Behaviour>, readonly unknown[]>;
type Behaviour = Parameters<typeof recordingEgress>[1];
type Setting = { script?: Behaviour; asksServer?: boolean; defaultName?: string; number?: JsonObject };

const json = (body: unknown, more: object = {}) => ({
  act: "answer" as const,
  body: JSON.stringify(body),
  ...more,
});

async function openDesk({ script, asksServer = true, defaultName, number }: Setting = {}) {
  const clock = virtualClock();
  const egress = recordingEgress(clock, script);
  const rules = {
    who: {
      server: asksServer ? { ...server } : undefined,
      defaultAssistantId: undefined as string | undefined,
    },
  };
  const house = openHouse({ clock, egress, rules });
  const add = async (name: string) => {
    const added = await house.assistants.assistants.add(house.teamId, {
      name,
      assistantProvider: "rehearsal",
    });
    return "refused" in added ? "" : added.item._id;
  };
  const stored = await add("Stored");
  if (defaultName !== undefined) rules.who.defaultAssistantId = await add(defaultName);
  const line =
    number === undefined
      ? undefined
      : await house.assistants.numbers.add(house.teamId, { number: "+4930", ...number });
  if (line !== undefined && "refused" in line) throw new Error(line.detail);
  const phoneNumberId = line?.item._id;
  const calls = async (more: JsonObject = {}) => {
    const body: ConnectBody = connectBody.parse({ ...(phoneNumberId && { phoneNumberId }), ...more });
    const connected = { answer: undefined as Awaited<ReturnType<typeof house.calls.connect>> | undefined };
    void house.calls.connect({ teamId: house.teamId, body }).then((answer) => (connected.answer = answer));
    await clock.until(() => connected.answer !== undefined, 60_000);
    const { answer } = connected;
    if (answer === undefined || "refused" in answer) return { refusal: answer, name: undefined, entries: [] };
    const entries = (await journalOf(house.store, answer.id as CallId)).map(({ what }) => what);
    const [created] = entries;
    const name = created?.type === "call-created" ? created.assistant["name"] : undefined;
    const said = entries.flatMap((what) => (what.type === "message-added" ? [what.message.text] : []));
    return {
      call: answer,
      name,
      entries,
      said,
      chosen: entries.find(({ type }) => type === "assistant-chosen"),
    };
  };
  return { house, egress, clock, stored, calls };
}

describe("a call that names no assistant", () => {
  test("is asked about, with a signed request, and answered by who is named", async () => {
    const desk = await openDesk({
      script: () => json({ assistant: { name: "Ada", assistantProvider: "rehearsal" } }),
    });
    const { name, chosen, call } = await desk.calls({ customer: { number: "+49171", name: "Eve" } });
    expect(name).toBe("Ada");
    const [request] = desk.egress.requests;
    const { body = "", headers = {} } = request ?? {};
    const { message } = JSON.parse(body) as { message: JsonObject };
    const stamp = { id: headers["webhook-id"] ?? "", timestamp: Number(headers["webhook-timestamp"]), body };
    expect(headers["webhook-signature"]).toBe(signature({ secrets: [secret], ...stamp }));
    expect(assistantRequest.safeParse(message).error?.issues ?? []).toEqual([]);
    expect(message).toMatchObject({
      id: request?.headers["webhook-id"],
      call: { id: call?.id, status: "queued" },
      customer: { name: "Eve" },
    });
    expect(chosen).toMatchObject({
      by: "answer",
      asked: { where: "server", status: 200, fault: null, answer: { assistant: { name: "Ada" } } },
    });
  });

  test("takes the overrides and variables of the answer, beside those of the call", async () => {
    const answer = {
      assistantOverrides: { welcomeMessage: "{{a}} {{b}} {{c}}", dynamicVariables: { b: "two" } },
    };
    const other = await openDesk({
      script: () =>
        json({
          ...answer,
          assistant: { name: "Ada", assistantProvider: "rehearsal" },
        }),
    });
    const { said, entries } = await other.calls({
      assistantOverrides: { dynamicVariables: { a: "one", b: "1" } },
    });
    expect(said).toEqual(["one two "]);
    expect(entries.find(({ type }) => type === "variables-missing")).toEqual({
      type: "variables-missing",
      names: ["c"],
    });
  });

  test("asks the number's own server before the operator's, and shows the number", async () => {
    const desk = await openDesk({
      script: ({ path }) => json({ assistant: { name: path, assistantProvider: "rehearsal" } }),
      number: { server: { url: "http://127.0.0.1:9/number" } },
    });
    const { name, call, chosen } = await desk.calls();
    expect([name, call?.assistantNumber]).toEqual(["/number", "+4930"]);
    expect(chosen).toMatchObject({ asked: { where: "number" } });
  });

  test("is not asked about when the number has an assistant and nobody to ask", async () => {
    const desk = await openDesk({ asksServer: false, number: { assistantId: "asst-gone" } });
    expect((await desk.calls()).refusal).toMatchObject({ refused: "not-found" });
    expect(desk.egress.requests).toEqual([]);
  });

  test("is refused with what to do where there is nobody to ask", async () => {
    expect((await (await openDesk({ asksServer: false })).calls()).refusal).toMatchObject({
      refused: "invalid",
    });
  });

  test.each<[string, JsonObject]>([
    ["", {}],
    [", though it names its assistant", { assistant: { name: "Ada", assistantProvider: "rehearsal" } }],
  ])("is refused under a number that is not there, and nobody is asked%s", async (_, more) => {
    const desk = await openDesk({
      script: () => json({ assistant: { name: "Ada" } }),
      defaultName: "Default",
    });
    const { refusal } = await desk.calls({ ...more, phoneNumberId: "num-1" });
    expect(refusal).toMatchObject({ refused: "invalid", errors: [{ path: "/phoneNumberId" }] });
    expect(desk.egress.requests).toEqual([]);
    expect(await desk.house.store.lastPosition()).toBe(0);
  });

  test("cannot be asked about at an address where we may not connect", async () => {
    const { house } = await openDesk();
    const number = { number: "+4930", server: { url: "http://169.254.169.254/" } };
    expect(await house.assistants.numbers.add(house.teamId, number)).toMatchObject({
      refused: "forbidden-address",
      errors: [{ path: "/server/url" }],
    });
  });

  test("that names one is not asked about", async () => {
    const desk = await openDesk();
    const { name, chosen } = await desk.calls({ assistantId: desk.stored });
    expect([name, chosen, desk.egress.requests]).toEqual(["Stored", undefined, []]);
  });
});

const faults: [string, NonNullable<Behaviour>, RegExp][] = [
  ["never answers", () => ({ act: "never" }), /within 7\.5 s/u],
  ["answers late", () => json({ assistantId: "x" }, { delayMs: 8_000 }), /within 7\.5 s/u],
  ["is not there", () => ({ act: "refuse-connection" }), /ECONNREFUSED/u],
  ["is forbidden", () => ({ act: "forbid" }), /may not be called/u],
  ["answers 500", () => json({ assistantId: "x" }, { status: 500 }), /answered 500/u],
  [
    "answers with a redirect",
    () => ({ act: "answer", status: 302, headers: { location: "http://10.0.0.1/" } }),
    /answered 302/u,
  ],
  ["answers with text", () => ({ act: "answer", body: "Ada, please" }), /no JSON object/u],
  ["answers with nothing", () => ({ act: "answer", body: "" }), /no JSON object/u],
  [
    "answers with an error",
    () => json({ error: "closed today, see http://10.0.0.1/x" }),
    /error: closed today, see \[address\]/u,
  ],
  ["names nobody", () => json({ result: "ok" }), /name who answers/u],
  ["names one that there is not", () => json({ assistantId: "asst-none" }), /no assistant asst-none/u],
  ["gives one that does not fit", () => json({ assistant: { name: "" } }), /\/assistant\/name/u],
  [
    "gives one whose server is forbidden",
    () => json({ assistant: { name: "A", assistantServer: { url: "http://169.254.169.254/" } } }),
    /may not connect/u,
  ],
  ["floods", () => ({ act: "flood", bytes: 2_000_000 }), /larger than/u],
];

describe("an application that %s", () => {
  test.each(faults)(
    "%s leaves the call to the default; the caller hears nothing of it",
    async (_, script, fault) => {
      const desk = await openDesk({ script, defaultName: "Default" });
      const { name, chosen, said, entries } = await desk.calls();
      expect(name).toBe("Default");
      expect(chosen).toMatchObject({ by: "default", asked: { fault: expect.stringMatching(fault) } });
      expect(said).toEqual([]);
      expect(entries.some(({ type }) => type === "error")).toBe(false);
      expect(JSON.stringify(entries)).not.toMatch(/hidden-7|whsec_|127\.0\.0\.1|10\.0\.0\.1/u);
    },
  );

  test("fails is followed by a refusal where there is no default", async () => {
    const desk = await openDesk({ script: () => json({ error: "closed" }) });
    expect((await desk.calls()).refusal).toMatchObject({ refused: "nobody-answers" });
    expect(desk.house.calls.live).toBe(0);
  });

  test("takes 7.5 s at most", async () => {
    const desk = await openDesk({ script: () => ({ act: "never" }), defaultName: "Default" });
    const began = desk.clock.now();
    await desk.calls();
    expect(desk.clock.now() - began).toBeLessThan(7_600);
  });
});

describe("the last good answer", () => {
  const ada = {
    name: "Ada",
    assistantProvider: "rehearsal",
    welcomeMessage: "Hi {{who}}.",
    assistantServer: { url: "http://127.0.0.1:9/x", secret: "a secret of ada" },
  };

  const then =
    (second: unknown, reuse?: boolean): Chosen =>
    (_request, number) =>
      number === 0
        ? json({ assistant: ada, reuse, assistantOverrides: { dynamicVariables: { who: "Eve" } } })
        : second === undefined
          ? { act: "never" }
          : json(second);

  test("answers before the default does, without what was said for another caller", async () => {
    const isAsk = (body: string) => body.includes('"type":"assistant-request"');
    let asks = 0;
    const script: Behaviour = (request, number) =>
      isAsk(request.body)
        ? then({ error: "down" })(request, asks++ === 0 ? 0 : number + 1)
        : { act: "answer" };
    const desk = await openDesk({ script, defaultName: "Default" });
    const first = await desk.calls();
    expect(first.said).toEqual(["Hi Eve."]);
    expect(JSON.stringify(first.entries)).not.toMatch(/a secret of ada|127\.0\.0\.1/u);
    const second = await desk.calls();
    expect([second.name, second.said]).toEqual(["Ada", ["Hi ."]]);
    expect(second.chosen).toMatchObject({
      by: "last-answer",
      asked: { fault: "it answered with an error: down" },
    });
  });

  test("is not kept when the application says so", async () => {
    const desk = await openDesk({ script: then(undefined, false), defaultName: "Default" });
    await desk.calls();
    expect((await desk.calls()).name).toBe("Default");
  });
});
