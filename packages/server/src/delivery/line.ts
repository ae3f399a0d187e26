import { type buildConnector, Client, type Dispatcher } from "undici";
import { type Opening, openingOf } from "./egress-opening.ts";

/** What is known of the connection that a request goes out on. */
export type Connection = {
  /** What it took to open, to the first who asks; `undefined` when it had served before. */
  firstUse(): Opening | undefined;
};

/** A request that wants to know which connection it was given. */
export interface Passenger {
  takes(connection: Connection): void;
}

/** A pool's client: one connection at a time, which is shown to those who send on it. */
class Line extends Client {
  readonly #connection: Connection;

  constructor(origin: URL, options: Client.Options, connection: Connection) {
    super(origin, options);
    this.#connection = connection;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isPassenger(handler)) handler.takes(this.#connection);
    return super.dispatch(options, handler);
  }
}

/** Makes the clients of a pool, as undici's `factory`. */
export function openLine(origin: URL, options: Client.Options): Client {
  const { connect } = options;
  if (typeof connect !== "function") throw new TypeError("a line is opened with a connector of ours");
  let opening: Opening | undefined;
  const noting: buildConnector.connector = (to, callback) =>
    connect(to, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      opening = openingOf(socket);
      callback(null, socket);
    });
  const firstUse = (): Opening | undefined => {
    const first = opening;
    opening = undefined;
    return first;
  };
  return new Line(origin, { ...options, connect: noting }, { firstUse });
}

function isPassenger(handler: Dispatcher.DispatchHandler): handler is Dispatcher.DispatchHandler & Passenger {
  return "takes" in handler;
}
