import { bundled, fileOf, type Manifest } from "./published.ts";

/** The package.json that is published: entries lead to what was built, and what is bundled is no dependency. */
export function manifestOf(source: Manifest): Record<string, unknown> {
  const { name, version, description, license, type, engines, keywords } = source;
  const { dependencies, peerDependencies } = source;
  const others = Object.keys(dependencies).filter((dependency) => dependency !== bundled);
  if (others.length > 0)
    throw new Error(`${name} depends on ${others.join(", ")}; what is published needs nothing but its peers`);
  return {
    name,
    version,
    description,
    keywords,
    license,
    type,
    sideEffects: false,
    engines,
    exports: {
      ...Object.fromEntries(Object.keys(source.exports).map(entryOf)),
      "./package.json": "./package.json",
    },
    types: "./main.d.ts",
    peerDependencies,
  };
}

function entryOf(entry: string): [string, { types: string; default: string }] {
  const file = fileOf(entry);
  return [entry, { types: `./${file}.d.ts`, default: `./${file}.js` }];
}
