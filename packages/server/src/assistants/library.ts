import {
  type Fault,
  faultsOf,
  type JsonObject,
  maskSecrets,
  type Refusal,
  type ServerTls,
  type TeamId,
  unmaskSecrets,
} from "@offhook/protocol";
import type { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { Document, DocumentKind, Store } from "../store.ts";
import { mergePatch } from "./merge.ts";

/** Says why the server may not connect to an address; `undefined` when it may. */
export type CheckAddress = (url: string) => Promise<string | undefined>;

/** Says what is wrong with certificates and keys; paths are within it. */
export type CheckTls = (tls: ServerTls) => Fault[];

/** A server that we would connect to, and how; `path` is the url's. */
export type Address = { path: string; url: string; tls?: { path: string; given: ServerTls } | undefined };

type Kind<Body> = {
  kind: DocumentKind;
  /** In front of its ids: `asst`, `tool`, `num`. */
  prefix: string;
  schema: z.ZodType<Body>;
  /** Where the server would connect because of it. */
  addressesIn: (body: Body) => Address[];
};

export type LibraryParts = {
  store: Store;
  clock: Clock;
  random: Random;
  checkAddress: CheckAddress;
  checkTls: CheckTls;
};

/** A stored thing: what the client sent, completed with defaults, and its id and times (ISO 8601). */
export type Kept<Body> = Body & { _id: string; createdAt: string; updatedAt: string };

/** Whose, and which. */
export type Whom = { teamId: TeamId; id: string };

/** What a team has stored of one kind. Nothing is stored that does not fit its schema. */
export class Library<Body extends Record<string, unknown>> {
  readonly #parts: LibraryParts;
  readonly #kind: Kind<Body>;
  #lastPatch: Promise<unknown> = Promise.resolve();

  constructor(parts: LibraryParts, kind: Kind<Body>) {
    this.#parts = parts;
    this.#kind = kind;
  }

  async add(teamId: TeamId, given: unknown): Promise<{ item: Kept<Body> } | Refusal> {
    const body = await this.#read(given);
    if ("refused" in body) return body;
    const now = this.#parts.clock.now();
    const id = `${this.#kind.prefix}-${this.#parts.random.uuid()}`;
    return this.#save({ id, teamId, body: body.body, createdAt: now, updatedAt: now });
  }

  /** With its secrets: for the server itself. See {@link shown} for answers. */
  async find(teamId: TeamId, id: string): Promise<Kept<Body> | undefined> {
    const document = await this.#parts.store.findDocument(this.#kind.kind, { teamId, id });
    return document === undefined ? undefined : kept<Body>(document);
  }

  async list(
    teamId: TeamId,
    page: { offset: number; limit: number },
  ): Promise<{ items: Kept<Body>[]; totalCount: number }> {
    const { documents, totalCount } = await this.#parts.store.listDocuments(this.#kind.kind, {
      teamId,
      ...page,
    });
    return { items: documents.map((document) => kept<Body>(document)), totalCount };
  }

  /** Applies a merge patch; a masked secret keeps the stored one. `undefined` when there is no such thing. One after the other. */
  patch(whom: Whom, patch: JsonObject): Promise<{ item: Kept<Body> } | Refusal | undefined> {
    return this.change(whom, (stored) => ({ patch: unmaskSecrets(patch, stored) }));
  }

  /** What a patch would make of something stored. Nothing changes. */
  preview(stored: Kept<Body>, patch: JsonObject): Promise<{ body: Body } | Refusal> {
    return this.#read(mergePatch(stored, unmaskSecrets(patch, stored)));
  }

  /** Applies the merge patch that `patchOf` makes of what is stored, or refuses as it does. */
  change(
    whom: Whom,
    patchOf: (stored: Record<string, unknown>) => { patch: JsonObject } | Refusal,
  ): Promise<{ item: Kept<Body> } | Refusal | undefined> {
    const changed = this.#lastPatch.then(() => this.#change(whom, patchOf));
    this.#lastPatch = changed.catch(() => undefined);
    return changed;
  }

  async #change(
    whom: Whom,
    patchOf: (stored: Record<string, unknown>) => { patch: JsonObject } | Refusal,
  ): Promise<{ item: Kept<Body> } | Refusal | undefined> {
    const document = await this.#parts.store.findDocument(this.#kind.kind, whom);
    if (document === undefined) return undefined;
    const made = patchOf(document.body);
    if (!("patch" in made)) return made;
    const body = await this.#read(mergePatch(document.body, made.patch));
    if ("refused" in body) return body;
    return this.#save({ ...document, body: body.body, updatedAt: this.#parts.clock.now() });
  }

  remove(teamId: TeamId, id: string): Promise<boolean> {
    return this.#parts.store.deleteDocument(this.#kind.kind, { teamId, id });
  }

  async #read(given: unknown): Promise<{ body: Body } | Refusal> {
    const read = this.#kind.schema.safeParse(withoutOurs(given));
    if (!read.success) {
      const detail = "The body does not fit; mend what `errors` names and send it again.";
      return { refused: "invalid", detail, errors: faultsOf(read.error) };
    }
    return (await this.refuseAddresses(read.data)) ?? { body: read.data };
  }

  /** Refuses a body that would make the server connect where it may not. */
  async refuseAddresses(body: Body): Promise<Refusal | undefined> {
    const addresses = this.#kind.addressesIn(body);
    const faults = addresses.flatMap(({ tls }) => this.#faultsOfTls(tls));
    if (faults.length > 0)
      return {
        refused: "invalid",
        detail: "Certificates or keys in the body cannot be used.",
        errors: faults,
      };
    const errors: Fault[] = [];
    for (const { path, url } of addresses) {
      const message = await this.#parts.checkAddress(url);
      if (message !== undefined) errors.push({ path, message });
    }
    if (errors.length === 0) return undefined;
    return {
      refused: "forbidden-address",
      detail: "The server may not connect to an address in the body.",
      errors,
    };
  }

  #faultsOfTls(tls: Address["tls"]): Fault[] {
    if (tls === undefined) return [];
    const faults = this.#parts.checkTls(tls.given);
    return faults.map(({ path, message }) => ({ path: tls.path + path, message }));
  }

  async #save(document: Document): Promise<{ item: Kept<Body> }> {
    await this.#parts.store.saveDocument(this.#kind.kind, document);
    return { item: kept<Body>(document) };
  }
}

/** As answers show it: secrets masked. */
export function shown<Body extends Record<string, unknown>>(item: Kept<Body>): Kept<Body> {
  return maskSecrets(item);
}

/** What was read through the schema when it was saved is trusted when it is read again. */
function kept<Body>(document: Document): Kept<Body> {
  const { id, createdAt, updatedAt } = document;
  const body = document.body as Body;
  return {
    ...body,
    _id: id,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

const ours = new Set(["_id", "createdAt", "updatedAt"]);

/** A client may send back what it was given; the id and the times are ours. */
function withoutOurs(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !ours.has(name)));
}
