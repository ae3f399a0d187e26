import { callStatuses } from "@offhook/protocol";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";
import { useAssistantNames } from "../assistants/use-assistants.ts";
import { choice } from "../ui/address.ts";
import { Select, TextField } from "../ui/field.tsx";
import { PeriodFields } from "../ui/period.tsx";

const route = getRouteApi("/inside/calls");

/** Which calls are shown; what is chosen is in the address, so that it can be sent to somebody. */
export function CallFilters() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const names = useAssistantNames();
  const change = (changed: Partial<typeof search>): void =>
    void navigate({ to: "/calls", search: { ...search, ...changed }, replace: true });
  return (
    <div className="flex shrink-0 flex-wrap items-end gap-2 border-b border-line bg-panel px-4 py-2 md:px-6">
      <Select
        isQuiet
        label="Status"
        value={search.status ?? ""}
        onChange={({ target }) => change({ status: choice(callStatuses, target.value) })}
        choices={[
          { value: "", label: "Any status" },
          ...callStatuses.map((value) => ({ value, label: value })),
        ]}
      />
      <Select
        isQuiet
        label="Assistant"
        className="max-w-48"
        value={search.assistantId ?? ""}
        onChange={({ target }) => change({ assistantId: target.value || undefined })}
        choices={[
          { value: "", label: "Any assistant" },
          ...names.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <PeriodFields from={search.from} to={search.to} onChange={change} />
      <OpenById />
    </div>
  );
}

function OpenById() {
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const open = (event: SyntheticEvent): void => {
    event.preventDefault();
    void navigate({ to: "/calls/$callId", params: { callId: id.trim() }, search: {} });
  };
  return (
    <form onSubmit={open} className="min-w-40 flex-1 md:max-w-72 md:ml-auto">
      <TextField
        isQuiet
        label="Open a call by its id"
        placeholder="Open by id: TC-…"
        value={id}
        onChange={({ target }) => setId(target.value)}
        required
        pattern="\s*(WC|CC|TC)-[0-9a-f\-]{36}\s*"
        title="A call's id: TC-, WC- or CC- and a UUID"
      />
    </form>
  );
}
