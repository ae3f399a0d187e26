import type { Kept, SampleInput, SampleToUrl } from "@offhook/client";
import { authModes, formats, mask, serverTls } from "@offhook/protocol";
import { choice } from "../ui/address.ts";
import { at, type Draft, isObject, patchBetween, textAt } from "../ui/draft.ts";

/** An assistant as it is edited, and as it is kept, if it is. */
export type Edited = { draft: Draft; kept: Kept | null };

/**
 * Whether a secret is kept that a sample cannot be signed with: the server
 * sends what is kept only to the address that is kept with it.
 */
export function isSecretUnknown({ draft, kept }: Edited): boolean {
  return at(draft, ["assistantServer", "secret"]) === mask && !isAtKeptUrl({ draft, kept });
}

/** A sample for the Server URL as it is in the draft. At the kept address with what is kept, else without what is masked. */
export function sampleOf({ draft, kept }: Edited): SampleInput {
  if (kept === null || !isAtKeptUrl({ draft, kept })) return freeSample(draft);
  return { assistantId: kept._id, assistantServer: changeOf({ draft, kept }) };
}

/** The same sample, signed with another secret. */
export function signedAnew(sample: SampleInput, secret: string): SampleInput {
  if ("url" in sample) return { ...sample, secret };
  return { ...sample, assistantServer: { ...sample.assistantServer, secret } };
}

function isAtKeptUrl({ draft, kept }: Edited): boolean {
  const url = textAt(kept ?? {}, ["assistantServer", "url"]);
  return url !== "" && url === textAt(draft, ["assistantServer", "url"]);
}

function changeOf({ draft, kept }: Edited): Draft {
  const server = (given: Draft): Draft => {
    const value = given["assistantServer"];
    return isObject(value) ? value : {};
  };
  return patchBetween(server(kept ?? {}), server(draft));
}

function freeSample(draft: Draft): SampleToUrl {
  const secret = textAt(draft, ["assistantServer", "secret"]);
  const headers = at(draft, ["assistantServer", "headers"]);
  const tls = serverTls.safeParse(at(draft, ["assistantServer", "tls"]));
  return {
    url: textAt(draft, ["assistantServer", "url"]),
    format: choice(formats, at(draft, ["assistantServer", "format"])),
    auth: choice(authModes, at(draft, ["assistantServer", "auth"])),
    ...(secret === "" || secret === mask ? {} : { secret }),
    ...(isObject(headers) ? { headers: openHeaders(headers) } : {}),
    ...(tls.success ? { tls: tls.data } : {}),
  };
}

/** Headers whose values are masked cannot be sent. */
function openHeaders(headers: Draft): Record<string, string> {
  const open = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" && value !== mask ? [[name, value]] : [],
  );
  return Object.fromEntries(open);
}
