import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { teamId, type TeamId } from "@offhook/protocol";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";

/** Limits of sessions and of the links that begin one. */
export const sessionLimits = {
  /** How long a session lasts. */
  sessionMs: 12 * 3_600_000,
  /** How long a one-time link may be used. */
  ticketMs: 3_600_000,
  /** Links that may wait to be used. */
  ticketsMax: 100,
  /** Sessions that were ended early and are remembered as such; they are forgotten when they would have run out. */
  endedMax: 10_000,
} as const;

/** A session: whose it is, and the hash of the key that began it; null for one that a link began. */
export type Session = { id: string; teamId: TeamId; keyHash: string | null; until: number };

/** Sessions of people at the page. They are signed and not stored, so they outlive a restart. */
export type Sessions = {
  /** Begins one, and says what its cookie holds. */
  begin(whose: { teamId: TeamId; keyHash: string | null }): { session: Session; value: string };
  /** Reads what a cookie holds; `undefined` when that is no session that lasts. */
  read(value: string): Session | undefined;
  end(session: Session): void;
  /** The ticket of a link that begins one session of this team. */
  makeTicket(of: TeamId): string;
  /** Whose ticket it is; it is used up by this. */
  useTicket(ticket: string): TeamId | undefined;
};

const content = z.object({ id: z.string(), teamId, keyHash: z.string().nullable(), until: z.number() });
const idBytes = 12;
const ticketBytes = 24;

export function openSessions(secret: string, parts: { clock: Clock; random: Random }): Sessions {
  const { clock, random } = parts;
  const key = createSecretKey(Buffer.from(secret));
  const mac = (text: string): Buffer => createHmac("sha256", key).update(`session ${text}`).digest();
  const ended = new Until(sessionLimits.endedMax, clock);
  const tickets = new Until<TeamId>(sessionLimits.ticketsMax, clock);
  return {
    begin(whose) {
      const session = { id: random.token(idBytes), ...whose, until: clock.now() + sessionLimits.sessionMs };
      const text = Buffer.from(JSON.stringify(session)).toString("base64url");
      return { session, value: `${text}.${mac(text).toString("base64url")}` };
    },
    read(value) {
      const [text = "", signature = ""] = value.split(".", 2);
      const [given, right] = [Buffer.from(signature, "base64url"), mac(text)];
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const session = content.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
      return session.until > clock.now() && ended.get(session.id) === undefined ? session : undefined;
    },
    end: ({ id, until }) => ended.set(id, { value: true, until }),
    makeTicket(of) {
      const ticket = random.token(ticketBytes);
      tickets.set(ticket, { value: of, until: clock.now() + sessionLimits.ticketMs });
      return ticket;
    },
    useTicket(ticket) {
      const of = tickets.get(ticket);
      tickets.delete(ticket);
      return of;
    },
  };
}

/** Values that are kept until a time; the oldest make room. */
class Until<Value> {
  readonly #max: number;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { value: Value; until: number }>();

  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
  }

  get(name: string): Value | undefined {
    const found = this.#kept.get(name);
    return found !== undefined && found.until > this.#clock.now() ? found.value : undefined;
  }

  set(name: string, kept: { value: Value; until: number }): void {
    for (const [other, { until }] of this.#kept) if (until <= this.#clock.now()) this.#kept.delete(other);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#max) this.#kept.delete(oldest);
    this.#kept.set(name, kept);
  }

  delete(name: string): void {
    this.#kept.delete(name);
  }
}
