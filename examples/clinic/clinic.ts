import { type Exchange, type OtherHandler, serverUrl, tool } from "@offhook/server-url";
import { z } from "zod";
import type { Appointment, Book } from "./book.ts";
import { readDay, spokenDay } from "./calendar.ts";
import { chooseSlot } from "./choice.ts";

export type ClinicOptions = {
  book: Book;
  /** The Server URL's secret. */
  secret: string;
  /** Brings a letter to somebody; it may take a while. */
  deliver: (to: string, letter: string) => Promise<void>;
  onExchange?: (exchange: Exchange) => void;
  /** Epoch ms. */
  now?: () => number;
};

/** The clinic's reception: what its Server URL does. */
export function clinic({ book, deliver, ...options }: ClinicOptions) {
  const keep: OtherHandler = (message, { at }) => {
    if (message.kind !== "event") return;
    const { id, type, call, original } = message;
    book.keep({ id, at: message.at ?? at, type, callId: call.id, body: JSON.stringify(original) });
  };
  return serverUrl({
    ...options,
    tools: {
      findSlots: findSlots(book),
      bookAppointment: bookAppointment(book),
      sendConfirmation: sendConfirmation(book, deliver),
    },
    onOther: keep,
  });
}

function findSlots(book: Book) {
  return tool({
    description: "Finds the free appointments on a day.",
    parameters: z.object({
      day: z
        .string()
        .max(100)
        .describe(
          "A date such as 2026-11-24, tomorrow, or a weekday; with morning or afternoon if the caller says so",
        ),
      reason: z.string().max(200).optional().describe("What the appointment is for"),
    }),
    run({ day: words }, { at, callId }) {
      const day = readDay(words, at);
      if (day === undefined)
        return { error: "Which day? It takes a weekday, tomorrow, or a date such as 2026-11-24." };
      const slots = book.freeSlots(day, at);
      if ("error" in slots) return slots;
      if (callId !== null) book.offer(callId, slots);
      return { date: day.date, day: spokenDay(day.date), slots };
    },
  });
}

function bookAppointment(book: Book) {
  return tool({
    description: "Books a free appointment for a patient.",
    parameters: z.object({
      slotId: z
        .string()
        .max(100)
        .describe("The slotId from findSlots, or the caller's words for one of them: the first one, 9:30"),
      patientName: z.string().trim().min(1).max(100),
      reason: z.string().max(200).optional(),
    }),
    run({ slotId: words, ...who }, { at, callId }) {
      const offered = callId === null ? [] : book.offered(callId);
      const slotId = chooseSlot(words, offered);
      if (slotId === undefined) return { error: `That is none of the free times. ${timesOf(offered)}` };
      const booked = book.book({ ...who, slotId, callId }, at);
      if ("error" in booked) return booked;
      const when = whenOf(booked);
      return {
        ...booked,
        ...when,
        summary: `${booked.patientName} is expected on ${when.day} at ${when.time}.`,
      };
    },
  });
}

function sendConfirmation(book: Book, deliver: ClinicOptions["deliver"]) {
  return tool({
    description: "Sends the patient a confirmation of an appointment. It takes a while; do not wait for it.",
    async: true,
    parameters: z.object({
      appointmentId: z.string().max(20),
      to: z.string().max(200).optional().describe("An address or number, if it is another than the caller's"),
    }),
    async run({ appointmentId, to }, { envelope }) {
      const booked = book.find(appointmentId);
      if ("error" in booked) return booked;
      const address = to ?? envelope?.customer.number ?? booked.patientName;
      const { day, time } = whenOf(booked);
      await deliver(address, `${booked.patientName}, we expect you on ${day} at ${time}.`);
      return { sentTo: address };
    },
  });
}

/** When an appointment is, as it is said. */
function whenOf({ slotId }: Appointment): { day: string; time: string } {
  const [date = "", time = ""] = slotId.split("T");
  return { day: spokenDay(date), time: time.replace(/^0/u, "") };
}

function timesOf(offered: readonly { time: string }[]): string {
  return offered.length === 0
    ? "Look for free ones first."
    : `They are ${offered.map(({ time }) => time).join(", ")}.`;
}
