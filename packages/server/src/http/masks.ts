import { type Fault, isSensitive, mask } from "@offhook/protocol";

/** Masked secrets in something new: there is nothing stored that they could stand for. */
export function faultsOfMasks(value: unknown, path = ""): Fault[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const inner = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (item !== mask || !isSensitive(name)) return faultsOfMasks(item, inner);
    return [
      { path: inner, message: "this is the mask of a secret: send the secret itself, or leave it out" },
    ];
  });
}
