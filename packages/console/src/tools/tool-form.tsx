import { at, isObject, put, textAt } from "../ui/draft.ts";
import { DraftCheck, DraftChoice, DraftNumber, DraftText, type Form, Section } from "../ui/form.tsx";
import { JsonField } from "../ui/json-field.tsx";

const methods = ["POST", "GET", "PUT", "PATCH", "DELETE"] as const;
const requestFormats = ["envelope", "arguments"] as const;

/** A tool in a form. One in the wrapped shape keeps it. */
export function ToolForm({ form }: { form: Form }) {
  const base = isObject(form.draft["function"]) ? ["function"] : [];
  const hasServer = at(form.draft, ["server"]) !== undefined;
  return (
    <>
      <Section title="What it is" about="The model reads these words to decide when to call it.">
        <DraftText form={form} path={[...base, "name"]} label="Name" isCode />
        <DraftText form={form} path={[...base, "description"]} label="Description" rows={2} />
        <JsonField
          label="Parameters, as JSON Schema"
          rows={10}
          value={at(form.draft, [...base, "parameters"])}
          fault={form.faults.get(`${base.map((part) => `/${part}`).join("")}/parameters`)}
          onChange={(value) => form.change(put(form.draft, [...base, "parameters"], value))}
        />
        <DraftCheck form={form} path={["async"]} label="The conversation does not wait for its answer" />
      </Section>
      <Section
        title="Server"
        about="Without one of its own, a tool is asked at the Server URL of the assistant that uses it."
      >
        <DraftText
          form={withoutEmptyUrl(form)}
          path={["server", "url"]}
          label="URL"
          placeholder="https://app.example.org/tools/find-slots"
        />
        {hasServer && textAt(form.draft, ["server", "url"]) !== "" && (
          <>
            <div className="grid gap-4 md:grid-cols-3">
              <DraftChoice form={form} path={["server", "method"]} label="Method" choices={methods} />
              <DraftNumber form={form} path={["server", "timeoutSeconds"]} label="Patience" unit="seconds" />
              <DraftChoice form={form} path={["server", "format"]} label="Request" choices={requestFormats} />
            </div>
            <DraftText
              form={form}
              path={["server", "secret"]}
              label="Secret"
              isSecret
              hint="Signs every request. A kept one is masked here."
            />
          </>
        )}
      </Section>
      <Section title="Static parameters" about="Added to the arguments; the model does not see them.">
        <JsonField
          label="As JSON"
          rows={4}
          value={at(form.draft, ["staticParameters"])}
          fault={form.faults.get("/staticParameters")}
          onChange={(value) => form.change(put(form.draft, ["staticParameters"], value))}
        />
      </Section>
    </>
  );
}

/** A server without a URL is no server. */
function withoutEmptyUrl(form: Form): Form {
  return {
    ...form,
    change: (draft) =>
      form.change(textAt(draft, ["server", "url"]) === "" ? put(draft, ["server"], undefined) : draft),
  };
}
