import type { Kept } from "@offhook/client";
import { flatTool, mask, toolDefinition } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { at, type Draft, faultsIn } from "../ui/draft.ts";
import { Editor } from "../ui/editor.tsx";
import { FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { RemoveButton } from "../ui/remove-button.tsx";
import { RotateDialog } from "../ui/rotate-dialog.tsx";
import { server, valueOf } from "../ui/server.ts";
import { TestDialog } from "./test-dialog.tsx";
import { ToolForm } from "./tool-form.tsx";

const route = getRouteApi("/inside/tools/$toolId");

/** One tool, as it is stored or as it is to be. */
export function ToolPage() {
  const { toolId } = route.useParams();
  const { data, error } = useQuery({
    queryKey: ["tool", toolId],
    queryFn: () => (toolId === "new" ? null : valueOf(server.tools.get(toolId))),
  });
  if (error !== null)
    return (
      <div className="p-6">
        <FailureNotice error={error} />
      </div>
    );
  if (data === undefined) return <Loading rows={10} />;
  return <OneTool key={data === null ? "new" : `${data._id} ${data.updatedAt}`} kept={data} />;
}

const beginning: Draft = {
  name: "findSlots",
  description: "Finds the free appointments on a day.",
  parameters: {
    type: "object",
    properties: { day: { type: "string", description: "A weekday, or a date" } },
    required: ["day"],
  },
};

function OneTool({ kept }: { kept: Kept | null }) {
  const navigate = useNavigate();
  const name = kept === null ? "New tool" : nameOf(kept);
  return (
    <>
      <PageHead title={name}>{kept !== null && <Acts kept={kept} name={name} />}</PageHead>
      <Editor
        one="tool"
        kept={kept}
        beginning={beginning}
        faultsIn={(draft) => faultsIn(toolDefinition, draft)}
        create={async (draft) => server.tools.create(toolDefinition.parse(draft))}
        update={(id, patch) => server.tools.update(id, patch)}
        onSaved={({ _id }) => void navigate({ to: "/tools/$toolId", params: { toolId: _id } })}
      >
        {(form) => <ToolForm form={form} />}
      </Editor>
    </>
  );
}

function Acts({ kept, name }: { kept: Kept; name: string }) {
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"test" | "rotate">();
  const hasServer = typeof at(kept, ["server", "url"]) === "string";
  const close = (): void => setDialog(undefined);
  return (
    <>
      <Button
        isSmall
        onClick={() => setDialog("test")}
        disabled={!hasServer}
        title={hasServer ? undefined : "It has no server of its own: it is tried in a call"}
      >
        Test…
      </Button>
      {at(kept, ["server", "secret"]) === mask && (
        <Button isSmall onClick={() => setDialog("rotate")}>
          Rotate the secret…
        </Button>
      )}
      <RemoveButton
        what={`the tool ${name}`}
        remove={() => server.tools.remove(kept._id)}
        onRemoved={() => void navigate({ to: "/tools" })}
      />
      {dialog === "test" && <TestDialog toolId={kept._id} parameters={parametersOf(kept)} onClose={close} />}
      {dialog === "rotate" && (
        <RotateDialog rotate={(body) => server.tools.rotateSecret(kept._id, body)} onClose={close} />
      )}
    </>
  );
}

function nameOf(kept: Kept): string {
  const read = toolDefinition.safeParse(kept);
  return read.success ? flatTool(read.data).name : "Tool";
}

function parametersOf(kept: Kept): unknown {
  return at(kept, ["parameters"]) ?? at(kept, ["function", "parameters"]);
}
