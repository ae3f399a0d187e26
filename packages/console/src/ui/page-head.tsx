import type { ReactNode } from "react";
import { useEffect } from "react";

/** The head of a page: its name, and what can be done on it. */
export function PageHead({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Offhook`;
  }, [title]);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-panel px-4 py-3 md:px-6">
      <div className="min-w-44 flex-1">
        <h1 className="truncate text-lg font-semibold tracking-tight">{title}</h1>
        {about !== undefined && <p className="text-soft">{about}</p>}
      </div>
      {children}
    </div>
  );
}
