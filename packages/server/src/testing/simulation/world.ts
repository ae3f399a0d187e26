import { ok as must } from "node:assert/strict";
import { type CallId, connectBody, type Control, defaultTeam, type LiveUpdate } from "@offhook/protocol";
import { openRooms, type Ports } from "../../rooms.ts";
import type { Bus } from "../../bus.ts";
import { openBus } from "../../bus/in-process.ts";
import type { OpenChannel } from "../../channel.ts";
import { chatChannel } from "../../channels/chat.ts";
import { type Clock, sleep } from "../../clock.ts";
import { parseAllow } from "../../delivery/guard.ts";
import { silentLog } from "../../log.ts";
import { noTelemetry } from "../../telemetry.ts";
import { type PacedLine, pacedLine } from "../paced-channel.ts";
import { seededRandom } from "../seeded-random.ts";
import { virtualBegin, type VirtualClock, virtualClock } from "../virtual-clock.ts";
import { type Disk, type Engine, memoryEngine, storeOn } from "./disk.ts";
import { type Asked, plannedModel } from "./model.ts";
import { type Network, networkOf } from "./network.ts";
import type { Act, CallPlan, Plan, Trouble } from "./plan.ts";
import { Witness } from "./witness.ts";

/** One start of the server, until it is killed or stopped. */
type Server = {
  life: ServerLife;
  /** Clients are let in once the calls of an earlier start have been finished. */
  door: "closed" | "open";
  rooms: ReturnType<typeof openRooms>;
  stop: AbortController;
  delivering: Promise<void>;
};

type ServerLife = { dead: boolean; timers: number };

/** After this no run waits for anything any more: the last retry of an event comes after 76 hours. */
const endMaxMs = 120 * 3_600_000;
const stopMaxMs = 10_000;

/**
 * Plays a plan: the whole server, on a virtual clock, over a simulated disk
 * and network, killed and started again. Throws at the first thing that
 * SPEC.md does not allow; `witness` has seen everything up to there.
 */
export async function play(
  plan: Plan,
  { witness = new Witness(plan), engine = memoryEngine }: { witness?: Witness; engine?: Engine } = {},
): Promise<Witness> {
  await new World(plan, { witness, disk: await engine.makeDisk() }).play();
  return witness;
}

class World {
  readonly #plan: Plan;
  readonly #witness: Witness;
  readonly #clock: VirtualClock;
  readonly #random;
  readonly #disk: Disk;
  readonly #network: Network = { downUntil: 0, healed: false, tells: 0, tools: 0 };
  readonly #counter: Asked = { asked: 0, ofCall: new Map() };
  readonly #lines = new Map<CallId, PacedLine>();
  #starts = 0;
  #skewMs = 0;
  #server: Server | undefined;
  #busy = 0;

  constructor(plan: Plan, { witness, disk }: { witness: Witness; disk: Disk }) {
    this.#plan = plan;
    this.#witness = witness;
    this.#disk = disk;
    this.#clock = virtualClock(virtualBegin, disk.underWay);
    this.#random = seededRandom(plan.seed);
  }

  async play(): Promise<void> {
    this.#start();
    const deeds = [this.#trouble(), ...this.#plan.calls.map((call, number) => this.#call(call, number))];
    for (const deed of deeds) this.#track(deed);
    await this.#clock.until(() => this.#busy === 0 || this.#witness.fault !== undefined, endMaxMs);
    this.#heal();
    if (this.#server === undefined) this.#start();
    await this.#untilQuiet();
    await this.#checkEnd();
  }

  #track(deed: Promise<void>): void {
    this.#busy += 1;
    void deed
      .catch((error: unknown) => this.#witness.fail(error))
      .finally(() => {
        this.#busy -= 1;
      });
  }

  /** The clock as the server's machine has it. */
  #machineClock(life: ServerLife): Clock {
    return {
      now: () => this.#clock.now() + this.#skewMs,
      after: (delayMs, act) => {
        const timer = { waits: true };
        life.timers += 1;
        const done = (): void => {
          if (timer.waits) life.timers -= 1;
          timer.waits = false;
        };
        const cancel = this.#clock.after(delayMs, () => {
          done();
          if (!life.dead) act();
        });
        return () => {
          done();
          cancel();
        };
      },
    };
  }

  #start(): void {
    this.#starts += 1;
    const life = { dead: false, timers: 0 };
    const clock = this.#machineClock(life);
    const random = seededRandom(this.#plan.seed * 1_000 + this.#starts);
    const wrote = (): Promise<void> => this.#witness.look(this.#disk.store, this.#clock.now());
    const bus = openBus();
    const ports: Ports = {
      clock,
      random,
      log: { ...silentLog, error: (message, fields) => this.#witness.noteError(message, fields) },
      store: storeOn(this.#disk, { clock: this.#clock, random: this.#random, life, wrote }),
      bus,
      egress: networkOf(this.#network, { plan: this.#plan, clock: this.#clock, life, heard: this.#witness }),
      model: plannedModel({
        plan: this.#plan,
        clock: this.#clock,
        counter: this.#counter,
        healed: () => this.#network.healed,
      }),
      telemetry: noTelemetry,
      chat: (publish) =>
        this.#plan.line === "chat" ? chatChannel(publish) : this.#openLine(publish, { clock, bus }),
    };
    const allow = parseAllow("loopback");
    must(allow.kind === "rules", "loopback is a rule");
    const rooms = openRooms(ports, { egress: allow.rules, callsMax: this.#plan.calls.length });
    const stop = new AbortController();
    const server: Server = { life, door: "closed", rooms, stop, delivering: rooms.delivery.run(stop.signal) };
    this.#server = server;
    this.#witness.note(`${this.#at()} the server starts`);
    void this.#openDoor(server);
  }

  /** A line that takes its time, kept for the voice of its user; whose it is shows in what is published of it. */
  #openLine(publish: (update: LiveUpdate) => void, of: { clock: Clock; bus: Bus }): OpenChannel {
    const line = pacedLine(of.clock, { wordMs: 250 });
    const stop = of.bus.watch({ teamId: defaultTeam }, ({ callId }) => {
      if (callId !== null) this.#lines.set(callId, line);
    });
    publish({ type: "delta", messageId: "", text: "" });
    stop();
    return line.channel;
  }

  /** A server that cannot take up what was left, for its disk is full, does not start; it is started again. */
  async #openDoor(server: Server): Promise<void> {
    try {
      await server.rooms.calls.recover();
      server.door = "open";
    } catch {
      server.life.dead = true;
      await sleep(this.#clock, 1_000);
      if (this.#server === server) this.#start();
    }
  }

  #at(): string {
    return this.#witness.at(this.#clock.now());
  }

  async #trouble(): Promise<void> {
    for (const trouble of this.#plan.troubles) {
      await sleep(this.#clock, trouble.afterMs);
      this.#witness.note(`${this.#at()} ${trouble.kind}, ${trouble.ms} ms`);
      await this.#befall(trouble);
    }
  }

  async #befall({ kind, ms }: Trouble): Promise<void> {
    const until = this.#clock.now() + ms;
    switch (kind) {
      case "kill":
        if (this.#server !== undefined) this.#server.life.dead = true;
        this.#server = undefined;
        await sleep(this.#clock, Math.min(ms, 60_000));
        return this.#start();
      case "stop":
        await this.#stopServer();
        await sleep(this.#clock, Math.min(ms, 60_000));
        return this.#start();
      case "disk-fails":
        this.#disk.fullUntil = until;
        return undefined;
      case "clock-jumps":
        this.#skewMs += ms % 2 === 0 ? Math.min(ms, 60_000) : -10;
        return undefined;
      case "receiver-down":
        this.#network.downUntil = until;
        return undefined;
    }
  }

  async #stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    // As with a signal that comes before the server has said that it is ready.
    if (server.door === "closed") {
      server.life.dead = true;
      return;
    }
    await server.rooms.calls.stop(stopMaxMs);
    await server.rooms.delivery.drained(stopMaxMs);
    server.stop.abort();
    await Promise.race([server.delivering, sleep(this.#clock, stopMaxMs)]);
    server.life.dead = true;
  }

  async #call({ startMs, assistant, acts }: CallPlan, number: number): Promise<void> {
    await sleep(this.#clock, startMs);
    const body = connectBody.parse({ assistant: { ...assistant, assistantMaxTokens: 200 + number } });
    const made = await this.#ask((server) => server.rooms.calls.connect({ teamId: defaultTeam, body }));
    if (made === undefined || "refused" in made) return;
    const callId = made.id as CallId;
    this.#witness.made(callId);
    for (const [at, act] of acts.entries()) {
      await sleep(this.#clock, act.afterMs);
      this.#witness.note(`${this.#at()} ${callId.slice(0, 8)} ${act.deed.kind}`);
      await this.#act(callId, act, at);
    }
  }

  async #act(callId: CallId, { deed }: Act, number: number): Promise<void> {
    const whom = { teamId: defaultTeam, callId };
    if (deed.kind === "say") {
      const text = `${deed.text} ${number}`;
      const heard = await this.#ask((server) => server.rooms.calls.hear({ ...whom, text }));
      if (heard !== undefined && !("refused" in heard)) this.#witness.said(callId, text);
    } else if (deed.kind === "voice") {
      await this.#makeNoise(callId, deed.ms);
    } else if (deed.kind === "leave") {
      await this.#ask((server) => server.rooms.calls.leave(whom));
    } else {
      const control = controlOf(
        deed,
        this.#witness.toolCallOf(callId, deed.kind === "tool-result" ? deed.which : 0),
      );
      if (control !== undefined)
        await this.#ask((server) => server.rooms.calls.control({ ...whom, control }));
    }
  }

  async #makeNoise(callId: CallId, ms: number): Promise<void> {
    const line = this.#lines.get(callId);
    if (line === undefined) return;
    line.begins();
    this.#witness.speaks(callId, this.#clock.now());
    await sleep(this.#clock, ms);
    this.#witness.speaks(callId, undefined);
    line.fallsSilent();
  }

  /** What a client asks of the server that is there; `undefined` when none is, or when it dies or fails on the way. */
  async #ask<Answer>(ask: (server: Server) => Promise<Answer>): Promise<Answer | undefined> {
    const server = this.#server;
    if (server?.door !== "open") return undefined;
    const patience = sleep(this.#clock, 2_000).then(() => undefined);
    return Promise.race([ask(server).catch(() => undefined), patience]);
  }

  #heal(): void {
    this.#network.healed = true;
    this.#disk.fullUntil = 0;
    this.#witness.note(`${this.#at()} all is well`);
  }

  async #untilQuiet(): Promise<void> {
    let quiet = false;
    const look = async (): Promise<void> => {
      const [{ lanes }, open] = await Promise.all([this.#disk.store.backlog(), this.#disk.countOpen()]);
      quiet = lanes === 0 && open === 0;
    };
    await this.#clock.until(() => {
      void look();
      return quiet || this.#witness.fault !== undefined;
    }, endMaxMs);
    await this.#clock.advance(120_000);
  }

  async #checkEnd(): Promise<void> {
    if (this.#witness.fault !== undefined) throw this.#witness.fault;
    const { rooms, life, stop, delivering } = this.#server ?? (await this.#noServer());
    must(rooms.calls.live === 0, `${rooms.calls.live} calls are counted as live, and none is`);
    must(rooms.delivery.underWay === 0, "attempts are counted as under way, and none is");
    await this.#checkRoom(rooms);
    await this.#witness.finish(this.#disk.store, this.#clock.now());
    stop.abort();
    await delivering;
    await this.#clock.advance(1_000);
    must(life.timers === 0, `${life.timers} timers were left behind`);
    life.dead = true;
    await this.#disk.close();
  }

  async #noServer(): Promise<never> {
    throw new Error("the world ends with a server");
  }

  /** Every place that was taken is free again: as many calls as may live can be made. */
  async #checkRoom({ calls }: Server["rooms"]): Promise<void> {
    const body = connectBody.parse({ assistant: { name: "Last", assistantProvider: "rehearsal" } });
    for (const _ of this.#plan.calls) {
      const made = await this.#patiently(calls.connect({ teamId: defaultTeam, body }));
      must(!("refused" in made), `a place was not given back: ${JSON.stringify(made)}`);
      this.#witness.made(made.id as CallId);
    }
    for (const callId of this.#witness.calls())
      await this.#patiently(calls.control({ teamId: defaultTeam, callId, control: { type: "end" } }));
    await this.#clock.until(() => calls.live === 0, endMaxMs);
    await this.#untilQuiet();
  }

  async #patiently<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    void promise.catch(() => undefined).finally(() => (settled = true));
    await this.#clock.until(() => settled, 60_000);
    return promise;
  }
}

function controlOf(deed: Act["deed"], toolCallId: string | undefined): Control | undefined {
  switch (deed.kind) {
    case "end":
      return { type: "end" };
    case "control-say":
      return { type: "say", message: "One moment." };
    case "mute":
    case "unmute":
      return { type: deed.kind };
    case "add-message":
      return { type: "add-message", role: "system", text: "The caller is known.", respond: deed.respond };
    case "tool-result":
      return toolCallId === undefined ? undefined : { type: "tool-result", toolCallId, result: "late" };
    case "update":
      return { type: "update", prompt: "Be brief." };
    default:
      return undefined;
  }
}
