import { deliveryStates, tellTypes } from "@offhook/protocol";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useAssistantNames } from "../assistants/use-assistants.ts";
import { choice } from "../ui/address.ts";
import { Select } from "../ui/field.tsx";
import { PeriodFields } from "../ui/period.tsx";
import { Tabs } from "../ui/tabs.tsx";

const route = getRouteApi("/inside/deliveries");
const states = ["all", ...deliveryStates] as const;

/** Which events are shown; what is chosen is in the address. */
export function DeliveryFilters() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const names = useAssistantNames();
  const change = (changed: Partial<typeof search>): void =>
    void navigate({ to: "/deliveries", search: { ...search, event: undefined, ...changed }, replace: true });
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-panel px-4 py-2 md:px-6">
      <Tabs
        label="State"
        tabs={states.map((id) => ({
          id,
          name: id === "dead" ? "Dead letters" : `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
        }))}
        chosen={search.state ?? "all"}
        onChoose={(id) => change({ state: choice(deliveryStates, id) })}
      />
      <div className="flex flex-wrap gap-2 xl:ml-auto">
        <Select
          isQuiet
          label="Type"
          className="max-w-36"
          value={search.type ?? ""}
          onChange={({ target }) => change({ type: choice(tellTypes, target.value) })}
          choices={[{ value: "", label: "Any type" }, ...tellTypes.map((value) => ({ value, label: value }))]}
        />
        <Select
          isQuiet
          label="Receiver, by assistant"
          className="max-w-36"
          value={search.assistantId ?? ""}
          onChange={({ target }) => change({ assistantId: target.value || undefined })}
          choices={[
            { value: "", label: "Any receiver" },
            ...names.map(({ id, name }) => ({ value: id, label: `of ${name}` })),
          ]}
        />
        <PeriodFields from={search.from} to={search.to} onChange={change} />
      </div>
    </div>
  );
}
