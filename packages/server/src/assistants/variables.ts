import type { Json } from "@offhook/protocol";

export type Variables = Record<string, Json>;

/** Fills `{{name}}` in a text; what is not known becomes nothing and is named in `missing`. */
export function fill(text: string, variables: Variables, missing: Set<string>): string {
  return text.replaceAll(/\{\{\s*([\w.-]{1,64})\s*\}\}/gu, (_whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || value === null) {
      missing.add(name);
      return "";
    }
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}
