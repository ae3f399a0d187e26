import { analysisKinds, providers, rubrics, welcomeModes } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { variablesIn } from "../talk/variables.ts";
import { toolsQuery } from "../tools/use-tools.ts";
import { Badge } from "../ui/badge.tsx";
import { at, textAt } from "../ui/draft.ts";
import {
  DraftCheck,
  DraftChoice,
  DraftNumber,
  DraftSome,
  DraftText,
  type Form,
  Section,
} from "../ui/form.tsx";
import { count } from "../ui/words.ts";

type Props = { form: Form };

export function WordsSection({ form }: Props) {
  return (
    <Section title="Name and first words">
      <DraftText form={form} path={["name"]} label="Name" />
      <DraftText form={form} path={["welcomeMessage"]} label="First words" rows={2} />
      <DraftChoice form={form} path={["welcomeMessageMode"]} label="Who begins" choices={welcomeModes} />
    </Section>
  );
}

export function ModelSection({ form }: Props) {
  const isCustom = textAt(form.draft, ["assistantProvider"]) === "custom-llm";
  return (
    <Section
      title="Model"
      about="Any server that speaks OpenAI's API; rehearsal follows a script and needs no key."
    >
      <div className="grid gap-4 md:grid-cols-2">
        <DraftChoice form={form} path={["assistantProvider"]} label="Provider" choices={providers} />
        <DraftText form={form} path={["assistantModel"]} label="Model" />
        <DraftNumber form={form} path={["assistantTemperature"]} label="Temperature" unit="0 to 2" />
        <DraftNumber form={form} path={["assistantMaxTokens"]} label="Longest reply" unit="tokens" />
      </div>
      {isCustom && (
        <DraftText
          form={form}
          path={["assistantLLMUrl"]}
          label="Base URL of the model"
          placeholder="https://models.example.org/v1"
          hint="/chat/completions is appended."
        />
      )}
    </Section>
  );
}

export function PromptSection({ form }: Props) {
  const names = variablesIn(
    textAt(form.draft, ["assistantSystemPrompt"]),
    textAt(form.draft, ["welcomeMessage"]),
  );
  return (
    <Section
      title="Prompt"
      about="What the assistant is to do. {{variables}} are filled in when a call is placed."
    >
      <DraftText form={form} path={["assistantSystemPrompt"]} label="Prompt" rows={12} isCode />
      <p className="flex flex-wrap items-center gap-1.5 text-xs text-soft">
        Variables: <Badge tone="accent">{"{{date}}"}</Badge>
        {names.map((name) => (
          <Badge key={name} tone="note">{`{{${name}}}`}</Badge>
        ))}
        {names.length > 0 && "A call gives them in assistantOverrides.dynamicVariables."}
      </p>
    </Section>
  );
}

export function ToolsSection({ form }: Props) {
  const { data } = useQuery(toolsQuery);
  const inline = at(form.draft, ["tools"]);
  const stored = (data?.data ?? []).map((tool) => ({ value: tool._id, label: toolName(tool) }));
  return (
    <Section title="Tools" about="What the assistant may do.">
      {stored.length === 0 ? (
        <p className="text-soft">
          No tool is stored yet.{" "}
          <Link to="/tools/$toolId" params={{ toolId: "new" }} className="text-accent underline">
            Make one
          </Link>
          , or define some inline as YAML.
        </p>
      ) : (
        <DraftSome form={form} path={["assistantToolIds"]} label="Stored tools" choices={stored} />
      )}
      <DraftSome
        form={form}
        path={["assistantPredefinedTools"]}
        label="Built in"
        choices={[
          { value: "endCall", label: "End the call" },
          { value: "callForward", label: "Forward the call" },
        ]}
      />
      {Array.isArray(inline) && inline.length > 0 && (
        <p className="text-soft">
          {count(inline.length, "tool")} defined inline ({inline.map(toolName).join(", ")}): edit them as
          YAML.
        </p>
      )}
    </Section>
  );
}

function toolName(tool: unknown): string {
  const name = at(tool, ["name"]) ?? at(tool, ["function", "name"]);
  return typeof name === "string" ? name : "a tool without a name";
}

export function LimitsSection({ form }: Props) {
  return (
    <Section title="Limits and silence">
      <div className="grid gap-4 md:grid-cols-2">
        <DraftNumber form={form} path={["maxCallDuration"]} label="Longest call" unit="seconds" />
        <DraftNumber form={form} path={["idleTimeout"]} label="Nobody speaks" unit="seconds" />
        <DraftNumber form={form} path={["hangThresholdMs"]} label="Silence is a hang after" unit="ms" />
        <DraftNumber
          form={form}
          path={["maxIdleMessagesInSequence"]}
          label="Reminders in a row"
          unit="at most"
        />
      </div>
      <DraftText form={form} path={["endCallMessage"]} label="Last words" rows={2} />
    </Section>
  );
}

const analysisNames = {
  summary: "Summary",
  successEvaluation: "Success",
  structuredData: "Structured data",
} as const;

export function AnalysisSection({ form }: Props) {
  const isOn = (kind: string): boolean => at(form.draft, ["assistantAnalysis", kind, "enabled"]) === true;
  return (
    <Section title="Analysis" about="What is found out about a finished call, for its report.">
      {analysisKinds.map((kind) => (
        <div key={kind} className="flex flex-col gap-2">
          <DraftCheck form={form} path={["assistantAnalysis", kind, "enabled"]} label={analysisNames[kind]} />
          {isOn(kind) && (
            <DraftText
              form={form}
              path={["assistantAnalysis", kind, "prompt"]}
              label={`${analysisNames[kind]}: what to look for`}
              rows={2}
            />
          )}
          {isOn(kind) && kind === "successEvaluation" && (
            <DraftChoice
              form={form}
              path={["assistantAnalysis", kind, "rubric"]}
              label="Rubric"
              choices={rubrics}
            />
          )}
        </div>
      ))}
    </Section>
  );
}
