import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import { Icon } from "./icon.tsx";

type Props = { title: string; onClose: () => void; isWide?: boolean; children: ReactNode };

/** Something to decide before going on. The platform's own dialog keeps the focus in it and gives it back. */
export function Dialog({ title, onClose, isWide = false, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useShown(box);
  return (
    <dialog
      ref={box}
      aria-labelledby={id}
      onClose={onClose}
      className={`m-auto max-h-[90dvh] w-[calc(100%-2rem)] overflow-auto rounded-xl border border-line bg-panel p-0 text-ink shadow-2xl ${isWide ? "max-w-3xl" : "max-w-lg"}`}
    >
      <div className="flex items-center justify-between border-b border-line px-5 py-3">
        <h2 id={id} className="text-base font-semibold">
          {title}
        </h2>
        <CloseButton onClick={() => box.current?.close()} />
      </div>
      <div className="p-5">{children}</div>
    </dialog>
  );
}

function useShown(box: RefObject<HTMLDialogElement | null>): void {
  useEffect(() => {
    const dialog = box.current;
    if (dialog?.open === false) dialog.showModal();
  }, [box]);
}

export function CloseButton({ onClick, label = "Close" }: { onClick: () => void; label?: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="inline-flex size-7 items-center justify-center rounded-md text-soft hover:bg-sunken hover:text-ink"
    >
      <Icon name="close" />
    </button>
  );
}
