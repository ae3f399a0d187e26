import type { CallId } from "@offhook/protocol";
import type { Destination, Document, DocumentKind, LaneRow, Store } from "../store.ts";
import { StoreError } from "../store.ts";
import type { Seal } from "./seal.ts";

/** A store that holds no secret open: what goes in is sealed, what comes out is opened. The same for every engine. */
export function sealedStore(store: Store, seal: Seal): Store {
  const lanes = new Lanes(seal);
  return {
    ...store,
    openJournal: async (opening) => {
      const { callId, assistant, destination } = opening;
      const sealed = {
        ...opening,
        assistant: seal.close(assistant, placeOfCall(callId)),
        destination: destination && seal.close(destination, placeOfCall(callId)),
      };
      const { position, lane } = await store.openJournal(sealed);
      return { position, lane: lane && lanes.open(lane) };
    },
    append: async (commit) => {
      const { position, lane } = await store.append(commit);
      return { position, lane: lane && lanes.open(lane) };
    },
    assistantOfCall: async (query) => {
      const assistant = await store.assistantOfCall(query);
      return assistant && seal.open(assistant, placeOfCall(query.callId));
    },
    findLane: async (callId) => {
      const lane = await store.findLane(callId);
      return lane && lanes.open(lane);
    },
    dueLanes: async (query) => (await store.dueLanes(query)).map((lane) => lanes.open(lane)),
    settle: async (settlement) => lanes.open(await store.settle(settlement)),
    sendAgain: async (query) => {
      const lane = await store.sendAgain(query);
      return lane && lanes.open(lane);
    },
    saveDocument: (kind, document) => {
      const body = seal.close(document.body, placeOf(kind, document));
      return store.saveDocument(kind, { ...document, body });
    },
    findDocument: async (kind, whom) => {
      const document = await store.findDocument(kind, whom);
      return document && { ...document, body: seal.open(document.body, placeOf(kind, document)) };
    },
    listDocuments: async (kind, query) => {
      const { documents, totalCount } = await store.listDocuments(kind, query);
      return { documents: documents.map((document) => inList(seal, kind, document)), totalCount };
    },
    keepSecret: async ({ name, value }) => {
      const place = `secret/${name}`;
      const kept = await store.keepSecret({ name, value: seal.close({ secret: value }, place).secret });
      return seal.open({ secret: kept }, place).secret;
    },
  };
}

function placeOfCall(callId: CallId): string {
  return `call/${callId}`;
}

function placeOf(kind: DocumentKind, { teamId, id }: Pick<Document, "teamId" | "id">): string {
  return `${kind}/${teamId}/${id}`;
}

/** One that cannot be opened is listed as it is kept, so that the others can be seen; whoever needs it is told. */
function inList(seal: Seal, kind: DocumentKind, document: Document): Document {
  try {
    return { ...document, body: seal.open(document.body, placeOf(kind, document)) };
  } catch (error) {
    if (error instanceof StoreError) return document;
    throw error;
  }
}

/** Opens the destinations of lanes; the same one comes back with every event of a call. */
class Lanes {
  readonly #seal: Seal;
  readonly #opened = new WeakMap<Destination, Destination>();

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  open(lane: LaneRow): LaneRow {
    const known = this.#opened.get(lane.destination);
    const destination = known ?? this.#seal.open(lane.destination, placeOfCall(lane.callId));
    if (known === undefined) this.#opened.set(lane.destination, destination);
    return { ...lane, destination };
  }
}
