import { serverBody } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { read } from "./read.ts";

const time = Date.UTC(2026, 10, 23, 10);
const iso = "2026-11-23T10:00:00.000Z";
const messages = (timestamp: string | number) => [
  { messageId: "m1", role: "assistant", text: "Hello", timestamp },
  { messageId: "m2", role: "user", text: "Tuesday, please", timestamp },
];
const people = {
  assistant: { _id: "a1", name: "Clinic" },
  phone: { number: "100", provider: { name: "" } },
  customer: { number: "web-ada", name: "Ada" },
  analysis: {},
};
const call = {
  id: "WC-00000000-0000-4000-8000-000000000001",
  callType: "web",
  direction: "inbound",
  startAt: iso,
  endAt: null,
};

/** The same conversation-update as each generation of the wire writes it (contract, first table, and 9). */
const update = {
  "ours, 2025-04": {
    type: "conversation-update",
    id: "evt_1",
    sequence: 3,
    timestamp: time,
    ...people,
    call: { ...call, status: "ongoing", messages: messages(iso) },
    messages: messages(iso),
  },
  "ours, 2026-03": {
    type: "conversation-update",
    id: "evt_1",
    sequence: 3,
    timestamp: time,
    ...people,
    call: { ...call, status: "ongoing" },
    messages: messages(time),
  },
  "vendor, 2026": {
    type: "conversation-update",
    timestamp: time,
    ...people,
    call: { ...call, status: "ongoing" },
    messages: messages(time),
  },
  "vendor, 2025": {
    type: "conversation-update",
    timestamp: time,
    status: "ongoing",
    ...people,
    call: { ...call, status: "ongoing", messages: messages(iso) },
    messages: messages(iso),
  },
  "vendor, oldest": {
    type: "conversation-update",
    ...people,
    call: { ...call, status: "in-progress", messages: messages(iso) },
  },
};

describe("one event in every generation", () => {
  it.each(Object.entries(update))("%s", (_, message) => {
    expect(read({ message })).toMatchObject({
      kind: "event",
      type: "conversation-update",
      call: {
        id: call.id,
        callType: "web",
        direction: "inbound",
        status: "ongoing",
        startAt: time,
        endAt: null,
      },
      assistant: { id: "a1", name: "Clinic" },
      phone: { number: "100", providerName: null },
      customer: { number: "web-ada", name: "Ada" },
      messages: [
        { messageId: "m1", role: "assistant", text: "Hello", timestamp: time },
        { messageId: "m2", role: "user", text: "Tuesday, please", timestamp: time },
      ],
    });
  });

  it.each(["ours, 2025-04", "ours, 2026-03"] as const)("%s is what the protocol says we send", (name) => {
    expect(serverBody.safeParse({ message: update[name] }).error).toBeUndefined();
  });
});
