import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type * as yaml from "yaml";
import { type Draft, isObject } from "./draft.ts";
import { TextArea } from "./field.tsx";
import { Loading } from "./notice.tsx";

type Yaml = typeof yaml;
type Props = { draft: Draft; onChange: (draft: Draft) => void };

/** The library is only brought when somebody looks at YAML. */
export const yamlQuery = { queryKey: ["yaml"], queryFn: () => import("yaml"), staleTime: Infinity };

/** All of a draft as YAML, which can be edited as well. */
export function YamlText(props: Props) {
  const { data } = useQuery(yamlQuery);
  return data === undefined ? <Loading /> : <Editor yaml={data} {...props} />;
}

function Editor({ yaml, draft, onChange }: Props & { yaml: Yaml }) {
  const [text, setText] = useState(() => yaml.stringify(draft));
  const [fault, setFault] = useState<string>();
  const change = (typed: string): void => {
    setText(typed);
    const read = draftIn(yaml, typed);
    setFault("fault" in read ? read.fault : undefined);
    if ("draft" in read) onChange(read.draft);
  };
  return (
    <TextArea
      label="Everything, as YAML"
      rows={28}
      className="font-mono text-xs"
      spellCheck={false}
      value={text}
      fault={fault}
      onChange={({ target }) => change(target.value)}
      hint="Secrets are masked; left as they are, they are kept."
    />
  );
}

/** Reads a draft from YAML, of which JSON is a part. */
export function draftIn(yaml: Yaml, text: string): { draft: Draft } | { fault: string } {
  try {
    const read: unknown = yaml.parse(text);
    return isObject(read) ? { draft: read } : { fault: "It must be a mapping of fields." };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
