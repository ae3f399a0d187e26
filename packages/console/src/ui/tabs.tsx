import type { KeyboardEvent } from "react";

type Tab<Id extends string> = { id: Id; name: string; count?: number | undefined; isNarrowOnly?: boolean };
type Props<Id extends string> = {
  label: string;
  tabs: readonly Tab<Id>[];
  chosen: Id;
  onChoose: (id: Id) => void;
};

/** One of several views; the arrows move between them. What is chosen is shown right behind. */
export function Tabs<Id extends string>({ label, tabs, chosen, onChoose }: Props<Id>) {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const present = tabs.findIndex(({ id }) => id === chosen);
    const next = step === undefined ? undefined : tabs[(present + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={label}
      onKeyDown={move}
      tabIndex={-1}
      className="flex gap-1 overflow-x-auto"
    >
      {tabs.map(({ id, name, count, isNarrowOnly = false }) => (
        <button
          key={id}
          type="button"
          role="tab"
          data-tab={id}
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
          className={`inline-flex min-h-8 items-center gap-1.5 rounded-md px-2.5 font-medium whitespace-nowrap text-soft hover:text-ink aria-selected:bg-sunken aria-selected:text-ink ${isNarrowOnly ? "lg:hidden" : ""}`}
        >
          {name}
          {count !== undefined && <span className="tabular text-xs text-soft">{count}</span>}
        </button>
      ))}
    </div>
  );
}
