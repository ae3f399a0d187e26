import type { Kept } from "@offhook/client";
import { assistantBody } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { buttonClass } from "../ui/button.tsx";
import { faultsIn } from "../ui/draft.ts";
import { Editor } from "../ui/editor.tsx";
import { FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { RemoveButton } from "../ui/remove-button.tsx";
import { server, valueOf } from "../ui/server.ts";
import {
  AnalysisSection,
  LimitsSection,
  ModelSection,
  PromptSection,
  ToolsSection,
  WordsSection,
} from "./sections.tsx";
import { ServerSection } from "./server-section.tsx";

const route = getRouteApi("/inside/assistants/$assistantId");

/** One assistant, as it is stored or as it is to be. */
export function AssistantPage() {
  const { assistantId } = route.useParams();
  const { data, error } = useQuery({
    queryKey: ["assistant", assistantId],
    queryFn: () => (assistantId === "new" ? null : valueOf(server.assistants.get(assistantId))),
  });
  if (error !== null)
    return (
      <div className="p-6">
        <FailureNotice error={error} />
      </div>
    );
  if (data === undefined) return <Loading rows={10} />;
  return <OneAssistant key={data === null ? "new" : `${data._id} ${data.updatedAt}`} kept={data} />;
}

/** A small one that can be talked to at once. */
const beginning = {
  name: "New assistant",
  welcomeMessage: "Hello, how can I help?",
  assistantProvider: "rehearsal",
  assistantModel: "rehearsal",
  assistantSystemPrompt: "You are a friendly receptionist. Today is {{date}}.",
};

function OneAssistant({ kept }: { kept: Kept | null }) {
  const navigate = useNavigate();
  const name = typeof kept?.["name"] === "string" ? kept["name"] : "New assistant";
  const open = (assistantId: string): void =>
    void navigate({ to: "/assistants/$assistantId", params: { assistantId } });
  return (
    <>
      <PageHead title={name}>
        {kept !== null && (
          <>
            <Link to="/calls" search={{ assistantId: kept._id }} className={buttonClass("plain", true)}>
              Its calls
            </Link>
            <Link to="/talk" search={{ assistantId: kept._id }} className={buttonClass("plain", true)}>
              Talk
            </Link>
            <RemoveButton
              what={`the assistant ${name}`}
              remove={() => server.assistants.remove(kept._id)}
              onRemoved={() => void navigate({ to: "/assistants" })}
            />
          </>
        )}
      </PageHead>
      <Editor
        one="assistant"
        kept={kept}
        beginning={beginning}
        faultsIn={(draft) => faultsIn(assistantBody, draft)}
        create={(draft) => server.assistants.create({ ...draft, name: String(draft["name"]) })}
        update={(id, patch) => server.assistants.update(id, patch)}
        onSaved={({ _id }) => open(_id)}
      >
        {(form) => (
          <>
            <WordsSection form={form} />
            <ModelSection form={form} />
            <PromptSection form={form} />
            <ToolsSection form={form} />
            <ServerSection form={form} kept={kept} />
            <AnalysisSection form={form} />
            <LimitsSection form={form} />
          </>
        )}
      </Editor>
    </>
  );
}
