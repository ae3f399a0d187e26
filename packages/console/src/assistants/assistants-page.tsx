import type { Kept } from "@offhook/client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { at } from "../ui/draft.ts";
import { Icon } from "../ui/icon.tsx";
import { Away } from "../ui/moment.tsx";
import { Empty, FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Rows } from "../ui/rows.tsx";
import { useNow } from "../ui/use-now.ts";
import { count } from "../ui/words.ts";
import { assistantsQuery } from "./use-assistants.ts";

/** Who answers calls. */
export function AssistantsPage() {
  const { data, error, isPending, refetch } = useQuery(assistantsQuery);
  return (
    <>
      <PageHead title="Assistants" about={data === undefined ? "…" : count(data.totalCount, "assistant")}>
        <NewLink />
      </PageHead>
      {error !== null && <FailureNotice error={error} onAgain={() => void refetch()} />}
      {isPending && <Loading />}
      {data?.data.length === 0 && (
        <Empty icon="assistants" title="No assistant yet" action={<NewLink />}>
          <p>
            An assistant answers calls: it has a prompt, a model, tools, and a Server URL where your
            application is told what happens. With the provider{" "}
            <code className="font-mono text-xs">rehearsal</code> it follows a script and needs no key.
          </p>
        </Empty>
      )}
      {data !== undefined && data.data.length > 0 && <List assistants={data.data} />}
    </>
  );
}

function NewLink() {
  return (
    <Link to="/assistants/$assistantId" params={{ assistantId: "new" }} className={buttonClass("primary")}>
      <Icon name="plus" /> New assistant
    </Link>
  );
}

function List({ assistants }: { assistants: readonly Kept[] }) {
  const now = useNow(10_000);
  return (
    <Rows label="Assistants" items={assistants} keyOf={({ _id }) => _id} rowHeight={64}>
      {(assistant) => (
        <div className="flex h-full items-center bg-panel pr-4 hover:bg-sunken md:pr-6">
          <Link
            to="/assistants/$assistantId"
            params={{ assistantId: assistant._id }}
            data-row
            className="grid h-full min-w-0 flex-1 items-center gap-x-4 px-4 focus-visible:-outline-offset-2 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_8rem] md:px-6"
          >
            <span className="min-w-0">
              <span className="block truncate font-medium">{textOf(assistant["name"])}</span>
              <span className="block truncate text-xs text-soft">
                {textOf(assistant["assistantProvider"])} {textOf(assistant["assistantModel"])}
              </span>
            </span>
            <span className="min-w-0 max-md:hidden">
              <ServerBadge assistant={assistant} />
            </span>
            <span className="text-right text-xs text-soft max-md:hidden">
              changed <Away at={Date.parse(assistant.updatedAt)} now={now} />
            </span>
          </Link>
          <Link to="/talk" search={{ assistantId: assistant._id }} className={buttonClass("plain", true)}>
            Talk <span className="sr-only">to {textOf(assistant["name"])}</span>
          </Link>
        </div>
      )}
    </Rows>
  );
}

function ServerBadge({ assistant }: { assistant: Kept }) {
  const url = at(assistant, ["assistantServer", "url"]);
  if (typeof url !== "string" || at(assistant, ["assistantServer", "enabled"]) === false)
    return <Badge>no Server URL</Badge>;
  return <span className="block truncate font-mono text-xs text-soft">{url}</span>;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
