import type { House } from "./source.ts";

const nowhere = /^(?:utils?|helpers?|commons?|types?|misc|services?|managers?)$/u;
/** Words that say nothing in a compound either: `date-utils`. */
const empty = /(?:^|-)(?:utils?|helpers?|misc)(?:-|$)/u;

/** Rule 1: the folder list is the architecture. */
export function checkNames(house: House): string[] {
  return house.paths.flatMap((path) => {
    const name = path.split("/").at(-1) ?? "";
    const [stem = ""] = name.split(".");
    if (!nowhere.test(stem) && !empty.test(stem)) return [];
    return [
      `${path}: "${stem}" says nothing; name it after what it is about, or put it in the file that uses it`,
    ];
  });
}
