import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serverUrl } from "@offhook/server-url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { good, type TestServer, testServer } from "./testing/server.ts";

// A clinic's receiver against the real server: here, for the receiver itself opens nothing but the protocol.
const secret = "a secret of the clinic";
const patients: Record<string, { name: string; isChild: boolean }> = {
  "+49301": { name: "Ada", isChild: false },
  "+49302": { name: "Tim", isChild: true },
};

let server: TestServer;
let clinic: Server;
let url = "";
const ids: Record<"reception" | "paediatrics", string> = { reception: "", paediatrics: "" };

const receiver = serverUrl({
  secret,
  onFault: () => undefined,
  assistant: async ({ customer }) => {
    if (customer.number === "+49309") throw new Error("The register is being mended.");
    const patient = patients[customer.number ?? ""];
    if (patient === undefined) return { error: "We do not know this number." };
    return {
      assistantId: patient.isChild ? ids.paediatrics : ids.reception,
      assistantOverrides: { dynamicVariables: { name: patient.name } },
    };
  },
});

beforeAll(async () => {
  server = await testServer();
  clinic = createServer(receiver.node).listen(0, "127.0.0.1");
  await once(clinic, "listening");
  url = `http://127.0.0.1:${(clinic.address() as AddressInfo).port}/offhook`;
  for (const name of ["reception", "paediatrics"] as const) {
    const welcomeMessage = `Hello {{name}}, this is ${name}.`;
    const made = { name, assistantProvider: "rehearsal", welcomeMessage } as const;
    ids[name] = (await good(server.client.assistants.create(made)))._id;
  }
});
afterAll(async () => {
  await server.close();
  clinic.close();
});

/** A call by a number whose server is the clinic's; what is said first, and how the assistant was found. */
async function callFrom(number: string, asking = secret) {
  const { client } = server;
  const line = { number: "+49 30 123456", server: { url, secret: asking }, assistantId: ids.reception };
  const { _id } = await good(client.numbers.create(line));
  const call = await good(client.calls.connect({ phoneNumberId: _id, customer: { number } }));
  await good(client.calls.control(call.id, { type: "end" }));
  const { data } = await good(client.calls.events(call.id));
  const { messages } = await good(client.calls.get(call.id));
  const chosen = data.map(({ data: what }) => what).find(({ type }) => type === "assistant-chosen");
  return { said: messages[0]?.text, chosen };
}

describe("a receiver that says who answers", () => {
  it.each([
    ["+49301", "Hello Ada, this is reception."],
    ["+49302", "Hello Tim, this is paediatrics."],
  ])("is asked by the server about %s", async (number, said) => {
    expect(await callFrom(number)).toMatchObject({ said, chosen: { by: "answer", asked: { fault: null } } });
  });

  it.each([
    ["names nobody", "+49300", secret, /We do not know this number/u],
    ["fails", "+49309", secret, /The register is being mended/u],
    ["does not believe who asks", "+49301", "another secret", /it answered 401/u],
  ])("leaves the call to the number's own assistant when it %s", async (_, number, asking, fault) => {
    expect(await callFrom(number, asking)).toMatchObject({
      said: "Hello , this is reception.",
      chosen: { by: "default", asked: { fault: expect.stringMatching(fault) } },
    });
  });
});
