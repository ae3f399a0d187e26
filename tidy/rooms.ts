import { portOf, ports, pure, rooms, rootFiles } from "./doors.ts";
import { type Opening, openingsOf, targetOf } from "./openings.ts";
import { at, type House, isForTests, type Source } from "./source.ts";

const home = "packages/server/src/";

/** Where a file of the server stands: in a room, or at the root. */
type Place = { path: string; room: string | undefined; root: string | undefined };

/** Rule 2, inside the server: rooms open only the rooms that the table gives them. */
export function checkRooms(house: House): string[] {
  return house.sources.flatMap((source) => {
    const from = placeOf(source.path);
    if (from === undefined || isForTests(source.path)) return [];
    const homeless = checkPlace(from);
    if (homeless !== undefined) return [homeless];
    return openingsOf(source).flatMap((opening) => checkOpening(house, { source, from, opening }) ?? []);
  });
}

function placeOf(path: string | undefined): Place | undefined {
  if (path === undefined || !path.startsWith(home)) return undefined;
  const [first = "", ...rest] = path.slice(home.length).split("/");
  if (rest.length > 0) return { path, room: first, root: undefined };
  return { path, room: undefined, root: first.replace(/\.tsx?$/u, "") };
}

function checkPlace({ path, room, root }: Place): string | undefined {
  if (room !== undefined && !Object.hasOwn(rooms, room)) {
    return `${path}: the room ${room} is not in tidy/doors.ts; add it with the rooms that it may open`;
  }
  if (root !== undefined && !isPort(root) && !Object.hasOwn(rootFiles, root)) {
    return `${path} stands outside every room: put it in the room that it is about (ports are ${ports.join(", ")})`;
  }
  return undefined;
}

type Step = { source: Source; from: Place; opening: Opening };

function checkOpening(house: House, step: Step): string | undefined {
  const { source, from, opening } = step;
  const isPure = pure.some((part) => from.path.startsWith(part));
  const target = targetOf(house, source, opening.specifier);
  const to = placeOf(target);
  const where = at(source, opening.line);
  if (isPure && isImpure(opening, to)) {
    return `${where} opens ${opening.specifier}, but ${from.path} only decides; return an effect, and let its shell act`;
  }
  // Whether fakes may be opened is for fakes.ts to say.
  if (target === undefined || to === undefined || isForTests(target) || mayOpen(from, to)) return undefined;
  return `${where} opens ${target.slice(home.length)}; ${insteadOf(to)}`;
}

function isImpure({ specifier, typesOnly }: Opening, to: Place | undefined): boolean {
  if (to === undefined) return specifier !== "@offhook/protocol" && !specifier.startsWith(".");
  return to.root !== undefined && !typesOnly;
}

function mayOpen(from: Place, to: Place): boolean {
  if (to.root !== undefined) {
    if (isPort(to.root)) return true;
    return from.root !== undefined && (rootFiles[from.root]?.files.includes(to.root) ?? false);
  }
  if (to.room === undefined) return false;
  if (from.room !== undefined) return from.room === to.room || (rooms[from.room]?.includes(to.room) ?? false);
  const allowed = from.root === undefined ? undefined : rootFiles[from.root]?.rooms;
  return allowed === "all" || (Array.isArray(allowed) && allowed.includes(to.room));
}

/** What to do instead of opening it. */
function insteadOf({ room, root }: Place): string {
  if (root === "config") return "take the values that you need as an argument; app.ts reads the config";
  if (root !== undefined)
    return "app.ts opens the rooms, never the other way round; take what you need as an argument";
  const port = room === undefined ? undefined : portOf[room];
  if (port !== undefined) return `use the port ${port}; app.ts hands you what implements it`;
  return "take what you need as an argument from who may open both; tidy/doors.ts has the table";
}

function isPort(root: string): boolean {
  return ports.some((port) => port === root);
}
