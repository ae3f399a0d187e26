import type { AssistantServer, Format, JsonObject, Refusal, TeamId } from "@offhook/protocol";
import type { Assistants } from "../assistants/assistants.ts";
import type { SampleServer } from "../delivery/sample.ts";
import { isRefusal, refusalAt } from "./problem.ts";
import { freeServer, type SampleBody } from "./sample-body.ts";

/** Where a sample goes, and in which payload format. */
export type SampleWay = { server: SampleServer; format: Format };

/** Finds out where a sample goes. What is kept of an assistant goes to the assistant's own address, and nowhere else. */
export async function sampleWayOf(
  library: Assistants["assistants"],
  teamId: TeamId,
  { assistantId, assistantServer, type: _, ...free }: SampleBody,
): Promise<SampleWay | Refusal> {
  if (assistantId !== undefined) return keptWay(library, { teamId, id: assistantId }, assistantServer ?? {});
  const { format, ...server } = freeServer.parse(free);
  return { server, format };
}

async function keptWay(
  library: Assistants["assistants"],
  whom: { teamId: TeamId; id: string },
  change: JsonObject,
): Promise<SampleWay | Refusal> {
  const stored = await library.find(whom.teamId, whom.id);
  if (stored === undefined) {
    const detail = `There is no assistant ${whom.id}: GET /assistants/v1/assistants lists those there are.`;
    return { refused: "not-found", detail };
  }
  const kept = stored.assistantServer?.url;
  if (kept === undefined) return refusalAt("/assistantId", "this assistant has no Server URL");
  const changed = await library.preview(stored, { assistantServer: change });
  if (isRefusal(changed)) return changed;
  const { assistantServer } = changed.body;
  if (assistantServer?.url !== kept) return refusalAt("/assistantServer/url", isElsewhere);
  return wayOf(assistantServer, kept, Object.hasOwn(change, "secret"));
}

const isElsewhere =
  "another address than the kept one, which alone may be sent what is kept: PATCH the assistant first, or send to a free `url` with a secret";

/** A secret that is given for once stands alone, as it would after a PATCH of it and the overlap's end. */
function wayOf(given: AssistantServer, url: string, isSecretGiven: boolean): SampleWay {
  const { timeoutSeconds, headers, auth, tls, secret, previousSecret, format } = given;
  const before = isSecretGiven ? undefined : previousSecret;
  return { server: { url, timeoutSeconds, headers, auth, tls, secret, previousSecret: before }, format };
}
