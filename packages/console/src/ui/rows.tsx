import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from "react";

type Props<Item> = {
  label: string;
  items: readonly Item[];
  keyOf: (item: Item) => string;
  rowHeight: number;
  children: (item: Item) => ReactNode;
  /** Called when the end comes into sight. */
  onEnd?: (() => void) | undefined;
  foot?: ReactNode;
};

/**
 * A long list of which only what is in sight is drawn. The rows hold links or
 * buttons of their own; the arrows and j, k move between them.
 */
export function Rows<Item>({ label, items, keyOf, rowHeight, children, onEnd, foot }: Props<Item>) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  useEnd(rows, items.length, onEnd);
  return (
    <div
      ref={box}
      onKeyDown={(event) => moveFocus(event, box)}
      className="@container min-h-0 flex-1 overflow-auto"
      role="presentation"
    >
      <div role="list" aria-label={label} className="relative w-full" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <div
                key={key}
                role="listitem"
                aria-setsize={items.length}
                aria-posinset={index + 1}
                className="absolute inset-x-0 top-0 border-b border-line"
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              >
                {children(item)}
              </div>
            )
          );
        })}
      </div>
      {foot}
    </div>
  );
}

function useEnd(
  rows: Virtualizer<HTMLDivElement, Element>,
  size: number,
  onEnd: (() => void) | undefined,
): void {
  const last = rows.getVirtualItems().at(-1)?.index ?? -1;
  const isAtEnd = size > 0 && last >= size - 5;
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, size, onEnd]);
}

const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

function moveFocus(event: KeyboardEvent, box: RefObject<HTMLDivElement | null>): void {
  const step = steps[event.key];
  if (step === undefined || event.target instanceof HTMLInputElement) return;
  const targets = [...(box.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const rowOf = (element: HTMLElement): number =>
    Number(element.closest("[aria-posinset]")?.getAttribute("aria-posinset"));
  const sorted = targets.toSorted((one, other) => rowOf(one) - rowOf(other));
  const present = sorted.findIndex((target) => target === document.activeElement);
  const next = sorted[present + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
