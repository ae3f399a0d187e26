import { sessionView, type SessionView, type SignInBody } from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type Connection, nothing, request } from "./request.ts";

/**
 * Signing in at a page of the server's own origin. The server answers with a
 * cookie that no script can read and that stands for the key from then on; a
 * client elsewhere has an `apiKey` and needs none of this.
 */
export type SessionDoor = {
  /**
   * With an API key, or the ticket of a one-time link. Refused with
   * `unauthorized`.
   *
   * @example
   * const client = offhook({ url: location.origin });
   * const session = await client.session.signIn({ apiKey });
   */
  signIn(body: SignInBody): Promise<Answer<SessionView>>;
  /** Who is signed in. Refused with `unauthorized` when nobody is. */
  get(): Promise<Answer<SessionView>>;
  signOut(): Promise<Answer<undefined>>;
};

const path = "/session";

export function openSession(connection: Connection): SessionDoor {
  return {
    signIn: (body) => request(connection, { method: "POST", path, body }, sessionView),
    get: () => request(connection, { path }, sessionView),
    signOut: () => request(connection, { method: "DELETE", path }, nothing),
  };
}
