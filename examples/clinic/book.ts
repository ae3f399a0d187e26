import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { beginOf, dateOf, type Day, readDay, type Slot, slotsOn, spokenDay, weekdayOf } from "./calendar.ts";

export type Refusal = { error: string };

const appointment = z.object({
  appointmentId: z.string(),
  slotId: z.string(),
  patientName: z.string(),
  reason: z.string().nullable(),
});
export type Appointment = z.infer<typeof appointment>;

const slot = z.object({ slotId: z.string(), time: z.string() });
const message = z.object({ type: z.string(), callId: z.string().nullable(), body: z.string() });
type Message = z.infer<typeof message> & { id: string | null; at: number };
type Booking = { slotId: string; patientName: string; reason?: string | undefined; callId: string | null };

const tables = `
  create table if not exists appointments (
    number integer primary key, slotId text not null unique, patientName text not null, reason text, callId text);
  create table if not exists offers (callId text primary key, slots text not null);
  create table if not exists messages (
    number integer primary key, id text unique, at integer not null, type text not null, callId text, body text not null);
`;

/** Appointments are made for so many days ahead. */
const daysAheadMax = 90;
const dayMs = 86_400_000;

/** The clinic's book: appointments, and the messages that were received. Times are epoch ms. */
export class Book {
  readonly #database: DatabaseSync;

  /** Opens a file; `:memory:` keeps nothing. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(tables);
  }

  /** The free slots of a day, at least one, or why there are none. */
  freeSlots(day: Day, now: number): Slot[] | Refusal {
    const closed = whyClosed(day, now);
    if (closed !== undefined) return { error: closed };
    const taken = this.#database.prepare("select 1 from appointments where slotId = ?");
    const free = slotsOn(day).filter((each) => beginOf(each) > now && taken.get(each.slotId) === undefined);
    return free.length > 0 ? free : { error: `Nothing is free on ${spokenDay(day.date)}${inPart(day)}.` };
  }

  /** Books a slot, once. A call that has booked it already gets its appointment again. */
  book({ slotId, patientName, reason, callId }: Booking, now: number): Appointment | Refusal {
    const day = readDay(slotId, now);
    const wanted = day && slotsOn({ date: day.date, part: null }).find((each) => each.slotId === slotId);
    if (wanted === undefined) return { error: `There is no slot ${slotId}. Look for the free ones first.` };
    const when = `${spokenDay(slotId)} at ${wanted.time}`;
    if (beginOf(wanted) <= now) return { error: `${when} is past.` };
    this.#database
      .prepare(
        "insert into appointments (slotId, patientName, reason, callId) values (?, ?, ?, ?) on conflict do nothing",
      )
      .run(slotId, patientName, reason ?? null, callId);
    const booked = this.#database
      .prepare(`${selectAppointment} where slotId = ? and callId is ?`)
      .get(slotId, callId);
    return booked === undefined ? { error: `${when} has just been taken.` } : appointment.parse(booked);
  }

  find(appointmentId: string): Appointment | Refusal {
    const number = Number(/^A-(\d{1,9})$/u.exec(appointmentId)?.[1] ?? 0);
    const found = this.#database.prepare(`${selectAppointment} where number = ?`).get(number);
    return found === undefined
      ? { error: `There is no appointment ${appointmentId}.` }
      : appointment.parse(found);
  }

  /** Remembers what a caller was offered, so that "the first one" means something. */
  offer(callId: string, slots: readonly Slot[]): void {
    this.#database
      .prepare("insert or replace into offers (callId, slots) values (?, ?)")
      .run(callId, JSON.stringify(slots));
  }

  offered(callId: string): Slot[] {
    const row = this.#database.prepare("select slots from offers where callId = ?").get(callId);
    return row === undefined ? [] : z.array(slot).parse(JSON.parse(String(row["slots"])));
  }

  /** Keeps a message; one that is there already, by its id, is left alone. */
  keep({ id, at, type, callId, body }: Message): void {
    this.#database
      .prepare("insert or ignore into messages (id, at, type, callId, body) values (?, ?, ?, ?, ?)")
      .run(id, at, type, callId, body);
  }

  messages() {
    return z
      .array(message)
      .parse(this.#database.prepare("select type, callId, body from messages order by number").all());
  }

  close(): void {
    this.#database.close();
  }
}

const selectAppointment =
  "select 'A-' || number as appointmentId, slotId, patientName, reason from appointments";

function whyClosed(day: Day, now: number): string | undefined {
  const { date } = day;
  const weekday = weekdayOf(date);
  if (date < dateOf(now)) return `${spokenDay(date)} is past.`;
  if (date > dateOf(now + daysAheadMax * dayMs))
    return `Appointments are made at most ${daysAheadMax} days ahead.`;
  if (slotsOn({ date, part: null }).length === 0)
    return `The clinic is closed on ${weekday}. It is open from Monday to Friday.`;
  return slotsOn(day).length === 0 ? `The clinic is closed on ${weekday}${inPart(day)}.` : undefined;
}

function inPart({ part }: Day): string {
  return part === null ? "" : ` in the ${part}`;
}
