import type { ReactNode } from "react";
import { Check, Select, TextArea, TextField } from "./field.tsx";
import { at, type Draft, type Path, pointer, put, textAt } from "./draft.ts";

/** A draft in a form, and what does not fit in it. */
export type Form = { draft: Draft; faults: ReadonlyMap<string, string>; change: (draft: Draft) => void };

type Common = { form: Form; path: Path; label: string; hint?: ReactNode };

function common({ form, path, label, hint }: Common) {
  return { label, hint, fault: form.faults.get(pointer(path)) };
}

export function DraftText(
  props: Common & { rows?: number; placeholder?: string; isCode?: boolean; isSecret?: boolean },
) {
  const { form, path, rows, placeholder, isCode = false, isSecret = false } = props;
  const given = {
    ...common(props),
    value: textAt(form.draft, path),
    placeholder,
    className: isCode ? "font-mono text-xs" : "",
  };
  const set = (text: string): void => form.change(put(form.draft, path, text));
  if (rows !== undefined)
    return <TextArea {...given} rows={rows} onChange={({ target }) => set(target.value)} />;
  return (
    <TextField
      {...given}
      type={isSecret ? "password" : "text"}
      onChange={({ target }) => set(target.value)}
    />
  );
}

/** A number; an empty field leaves it to the default. What is no number is kept as it was typed, and told as a fault. */
export function DraftNumber(props: Common & { unit: string }) {
  const { form, path, unit } = props;
  const set = (text: string): void => {
    const value = text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text);
    form.change(put(form.draft, path, value));
  };
  return (
    <TextField
      {...common({ ...props, label: `${props.label}, ${unit}` })}
      inputMode="decimal"
      value={textAt(form.draft, path)}
      onChange={({ target }) => set(target.value)}
    />
  );
}

export function DraftChoice(props: Common & { choices: readonly string[] }) {
  const { form, path, choices } = props;
  return (
    <Select
      {...common(props)}
      value={textAt(form.draft, path)}
      onChange={({ target }) => form.change(put(form.draft, path, target.value))}
      choices={choices.map((value) => ({ value, label: value }))}
    />
  );
}

export function DraftCheck({ form, path, label }: { form: Form; path: Path; label: ReactNode }) {
  return (
    <Check
      label={label}
      isOn={at(form.draft, path) === true}
      onChange={(isOn) => form.change(put(form.draft, path, isOn))}
    />
  );
}

/** Several of a list of words. */
export function DraftSome(props: Common & { choices: readonly { value: string; label: ReactNode }[] }) {
  const { form, path, label, choices } = props;
  const value = at(form.draft, path);
  const chosen: unknown[] = Array.isArray(value) ? value : [];
  const fault = form.faults.get(pointer(path));
  const toggle = (one: string, isOn: boolean): void => {
    const order = choices.map((choice) => choice.value);
    const next = isOn ? [...chosen, one] : chosen.filter((other) => other !== one);
    const sorted = next.toSorted(
      (first, second) => order.indexOf(String(first)) - order.indexOf(String(second)),
    );
    form.change(put(form.draft, path, sorted));
  };
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-xs font-medium text-soft">{label}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {choices.map((choice) => (
          <Check
            key={choice.value}
            label={choice.label}
            isOn={chosen.includes(choice.value)}
            onChange={(isOn) => toggle(choice.value, isOn)}
          />
        ))}
      </div>
      {fault !== undefined && <p className="text-xs font-medium text-bad">{fault}</p>}
    </fieldset>
  );
}

/** A part of a form, with its name. */
export function Section({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className="grid gap-4 border-b border-line py-6 md:grid-cols-[13rem_1fr] md:gap-8"
    >
      <div>
        <h2 className="font-semibold">{title}</h2>
        {about !== undefined && <p className="mt-1 text-xs text-soft">{about}</p>}
      </div>
      <div className="flex min-w-0 flex-col gap-4">{children}</div>
    </section>
  );
}
