import { isSensitive, mask } from "@offhook/protocol";

/** So many header names are remembered as sensitive or not; every attempt has the same dozen. */
const namesMax = 1_024;

const known = new Map<string, boolean>();

/** Headers as they are shown: what is sensitive by its name is masked. The signature may be seen; it proves nothing twice. */
export function maskedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const shown = { ...headers };
  for (const name in shown) if (isSecret(name)) shown[name] = mask;
  return shown;
}

function isSecret(name: string): boolean {
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  if (known.size >= namesMax) known.clear();
  const secret = isSensitive(name);
  known.set(name, secret);
  return secret;
}
