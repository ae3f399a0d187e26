import type { Kept } from "@offhook/client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { at } from "../ui/draft.ts";
import { Icon } from "../ui/icon.tsx";
import { Empty, FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Rows } from "../ui/rows.tsx";
import { count } from "../ui/words.ts";
import { toolsQuery } from "./use-tools.ts";

/** What assistants may do. */
export function ToolsPage() {
  const { data, error, isPending, refetch } = useQuery(toolsQuery);
  return (
    <>
      <PageHead title="Tools" about={data === undefined ? "…" : count(data.totalCount, "tool")}>
        <NewLink />
      </PageHead>
      {error !== null && <FailureNotice error={error} onAgain={() => void refetch()} />}
      {isPending && <Loading />}
      {data?.data.length === 0 && (
        <Empty icon="tools" title="No tool is stored yet" action={<NewLink />}>
          <p>
            A tool is something an assistant may ask your application to do: look up a slot, book it. It is
            described in OpenAI's function-calling form, and called at its own server or at the assistant's
            Server URL.
          </p>
        </Empty>
      )}
      {data !== undefined && data.data.length > 0 && (
        <Rows label="Tools" items={data.data} keyOf={({ _id }) => _id} rowHeight={60}>
          {(tool) => <ToolRow tool={tool} />}
        </Rows>
      )}
    </>
  );
}

function NewLink() {
  return (
    <Link to="/tools/$toolId" params={{ toolId: "new" }} className={buttonClass("primary")}>
      <Icon name="plus" /> New tool
    </Link>
  );
}

function ToolRow({ tool }: { tool: Kept }) {
  const text = (name: string): string => {
    const value = at(tool, [name]) ?? at(tool, ["function", name]);
    return typeof value === "string" ? value : "";
  };
  const url = at(tool, ["server", "url"]);
  return (
    <Link
      to="/tools/$toolId"
      params={{ toolId: tool._id }}
      data-row
      className="grid h-full items-center gap-x-4 bg-panel px-4 hover:bg-sunken focus-visible:-outline-offset-2 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] md:px-6"
    >
      <span className="min-w-0">
        <span className="block truncate font-mono text-sm font-medium">{text("name")}</span>
        <span className="block truncate text-xs text-soft">{text("description")}</span>
      </span>
      <span className="min-w-0 max-md:hidden">
        {typeof url === "string" ? (
          <span className="block truncate font-mono text-xs text-soft">{url}</span>
        ) : (
          <Badge>at the assistant's Server URL</Badge>
        )}
      </span>
    </Link>
  );
}
