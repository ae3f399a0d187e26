import { useState } from "react";
import { TextArea } from "./field.tsx";

type Props = {
  label: string;
  value: unknown;
  rows: number;
  fault: string | undefined;
  onChange: (value: unknown) => void;
};

/** A value as JSON text; while what is typed is none, the value stays as it was. An empty field takes it away. */
export function JsonField({ label, value, rows, fault, onChange }: Props) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, undefined, 2)));
  const [typing, setTyping] = useState<string>();
  const change = (typed: string): void => {
    setText(typed);
    const read = readJson(typed);
    setTyping("fault" in read ? read.fault : undefined);
    if ("value" in read) onChange(read.value);
  };
  return (
    <TextArea
      label={label}
      rows={rows}
      spellCheck={false}
      className="font-mono text-xs"
      value={text}
      fault={typing ?? fault}
      onChange={({ target }) => change(target.value)}
    />
  );
}

function readJson(text: string): { value: unknown } | { fault: string } {
  if (text.trim() === "") return { value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    return { fault: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
