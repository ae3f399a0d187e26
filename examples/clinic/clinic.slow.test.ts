import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sign } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const secret = "whsec_c2VjcmV0LW9mLXRoZS1jbGluaWM=";
const main = join(import.meta.dirname, "main.ts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clinic-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the clinic's process and waits until it is ready. */
async function start(output: string) {
  const env = { ...process.env, CLINIC_SECRET: secret, CLINIC_OUTPUT: output, CLINIC_DATA: folder };
  const child = fork(main, { env, silent: true });
  const out: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => out.push(text));
  const [ready] = await once(child, "message");
  return {
    ready,
    post: (message: object) => post(ready.url, message),
    lines: () => out.join("").trim().split("\n"),
    async stop(): Promise<unknown> {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

async function post(url: string, message: object, key = secret) {
  const body = JSON.stringify({
    message: { call: { id: "TC-1" }, customer: { number: "web-ada" }, ...message },
  });
  const id = "id" in message ? String(message.id) : "evt_1";
  const seconds = Math.floor(Date.now() / 1_000);
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": await sign({ secret: key, id, timestamp: seconds, body }),
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  const json: { result: string; error?: string } = await answer.json();
  return { status: answer.status, body: json };
}

const ask = (id: string, name: string, parameters: object) => ({
  type: "function-call",
  id,
  functionCall: { id, name, parameters },
});

describe("the clinic over HTTP", () => {
  it("finds, books, confirms and keeps, and ends cleanly in the middle of a letter", async () => {
    const clinic = await start("json");
    const found = await clinic.post(ask("c1", "findSlots", { day: "Tuesday morning" }));
    const { slots } = JSON.parse(found.body.result);
    const booking = ask("c2", "bookAppointment", { slotId: "the second one", patientName: "Ada" });
    const booked = await clinic.post(booking);
    expect(JSON.parse(booked.body.result)).toMatchObject({
      slotId: slots[1].slotId,
      patientName: "Ada",
      appointmentId: "A-1",
    });
    expect(await clinic.post(booking)).toEqual(booked);
    expect(
      await clinic.post({ type: "status-update", id: "e1", sequence: 1, status: "ongoing" }),
    ).toMatchObject({ status: 200 });
    expect(await post(clinic.ready.url, { type: "status-update" }, "another secret")).toMatchObject({
      status: 401,
    });

    const letter = clinic.post(ask("c3", "sendConfirmation", { appointmentId: "A-1" }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const ended = clinic.stop();
    expect(await letter).toMatchObject({ body: { result: '{"sentTo":"web-ada"}' } });
    expect(await ended).toBe(0);

    const lines = clinic.lines().map((line) => JSON.parse(line));
    expect(lines.map(({ answered }) => answered.status)).toEqual([200, 200, 200, 200, 401, 200]);
    expect(lines[0]).toMatchObject({
      path: "/offhook",
      body: { message: { type: "function-call" } },
      answered: { status: 200 },
    });
  });

  it("keeps its appointments over a restart", async () => {
    const slotId = { slotId: "the first one", patientName: "Ada" };
    const first = await start("lines");
    await first.post(ask("c1", "findSlots", { day: "Monday" }));
    const booked = await first.post(ask("c2", "bookAppointment", slotId));
    await first.stop();
    const second = await start("lines");
    expect(await second.post(ask("c2", "bookAppointment", slotId))).toEqual(booked);
    const taken = await second.post({
      ...ask("c3", "bookAppointment", { ...slotId, slotId: JSON.parse(booked.body.result).slotId }),
      call: { id: "TC-2" },
    });
    expect(taken.body.error).toContain("has just been taken");
    await second.stop();
    expect(second.lines()).toHaveLength(3);
  });

  it("says what is wrong with its environment, all at once", async () => {
    const env = { ...process.env, CLINIC_SECRET: "", CLINIC_PORT: "x", CLINIC_OUTPUT: "xml" };
    const child = fork(main, { env, silent: true });
    const said: string[] = [];
    child.stderr?.setEncoding("utf8").on("data", (text: string) => said.push(text));
    const [code] = await once(child, "close");
    expect(code).toBe(2);
    expect(said.join("").trim().split("\n")).toHaveLength(3);
  });
});
