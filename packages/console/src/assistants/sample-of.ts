import type { SampleInput } from "@offhook/client";
import { authModes, formats, mask } from "@offhook/protocol";
import { choice } from "../ui/address.ts";
import { at, type Draft, isObject, textAt } from "../ui/draft.ts";

/** Whether the secret is one that the server keeps and this page does not know. */
export function isSecretMasked(draft: Draft): boolean {
  return at(draft, ["assistantServer", "secret"]) === mask;
}

/** A sample for the Server URL as it is in the draft, without what is masked. */
export function sampleOf(draft: Draft): SampleInput {
  const secret = textAt(draft, ["assistantServer", "secret"]);
  const headers = at(draft, ["assistantServer", "headers"]);
  return {
    url: textAt(draft, ["assistantServer", "url"]),
    format: choice(formats, at(draft, ["assistantServer", "format"])),
    auth: choice(authModes, at(draft, ["assistantServer", "auth"])),
    ...(secret === "" || isSecretMasked(draft) ? {} : { secret }),
    ...(isObject(headers) ? { headers: openHeaders(headers) } : {}),
  };
}

/** Headers whose values are masked cannot be sent. */
function openHeaders(headers: Draft): Record<string, string> {
  const open = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" && value !== mask ? [[name, value]] : [],
  );
  return Object.fromEntries(open);
}
