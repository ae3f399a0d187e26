import type { TeamId } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { type Coming, foreignTo, hostSentence, isOwnHost } from "./own-origin.ts";
import { type PageFiles, openPageFiles, pagePath } from "./page-files.ts";
import { openSessions, type Sessions } from "./sessions.ts";

/** The page of the server, and the sessions of those who look at it. */
export type Page = {
  files: PageFiles;
  sessions: Sessions;
  /** Why a session does not count for a request; `undefined` when it does. */
  refuseForeign(publicUrl: string, coming: Coming): string | undefined;
  /** Why the page is not shown under this name; `undefined` when it is. */
  refuseHost(publicUrl: string, host: string | undefined): string | undefined;
  /** The path of a link that signs in once. What identifies is in the fragment, which no server and no log gets to see. */
  signInPath(of: TeamId): string;
};

export async function openPage(
  given: { folder: string; secret: string },
  parts: { clock: Clock; random: Random },
): Promise<Page> {
  const sessions = openSessions(given.secret, parts);
  return {
    files: await openPageFiles(given.folder),
    sessions,
    refuseForeign: foreignTo,
    refuseHost: (publicUrl, host) => (isOwnHost(publicUrl, host) ? undefined : hostSentence(host)),
    signInPath: (of) => `${pagePath}/sign-in#ticket=${sessions.makeTicket(of)}`,
  };
}
