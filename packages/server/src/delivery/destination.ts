import { type AssistantBody, assistantServer } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { LaneRow, ServerSettings, Store } from "../store.ts";

/** What an attempt needs of an assistant's Server URL; `undefined` when it has none. */
export function serverSettings(
  assistant: Pick<AssistantBody, "assistantServer">,
): ServerSettings | undefined {
  const server = assistant.assistantServer;
  if (server?.enabled !== true || server.url === undefined) return undefined;
  const { url, timeoutSeconds, secret, previousSecret, headers, auth, tls } = server;
  return {
    url,
    timeoutSeconds,
    headers,
    auth,
    previousSecret,
    tls,
    ...(secret === undefined ? {} : { secret }),
  };
}

/** A look at a stored assistant holds this long, and so many are remembered. */
const holdsMs = 1_000;
const rememberedMax = 1_000;

/**
 * Where a lane's events go now: the stored assistant's present Server URL, so
 * that a mended address or secret serves what already waits; the one of the
 * call's beginning when the assistant is gone or has none any more.
 */
export class Destinations {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #known = new Map<string, { settings: ServerSettings | undefined; until: number }>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async of(lane: LaneRow): Promise<ServerSettings> {
    const { assistantId, fallback } = lane.destination;
    if (assistantId === null) return fallback;
    const key = `${lane.teamId}/${assistantId}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.until > this.#clock.now()) return known.settings ?? fallback;
    const settings = await this.#look(lane.teamId, assistantId);
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(key, { settings, until: this.#clock.now() + holdsMs });
    return settings ?? fallback;
  }

  async #look(teamId: LaneRow["teamId"], id: string): Promise<ServerSettings | undefined> {
    const document = await this.#store.findDocument("assistant", { teamId, id });
    const server = assistantServer.safeParse(document?.body["assistantServer"]);
    return server.success ? serverSettings({ assistantServer: server.data }) : undefined;
  }
}
