import type { Kept } from "@offhook/client";
import { authModes, formats, mask, tellTypes } from "@offhook/protocol";
import { useState } from "react";
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
import { Button } from "../ui/button.tsx";
import { RotateDialog } from "../ui/rotate-dialog.tsx";
import { server } from "../ui/server.ts";
import { CheckDialog } from "./check-dialog.tsx";
import { SampleDialog } from "./sample-dialog.tsx";
import type { Edited } from "./sample-of.ts";

type DialogName = "sample" | "check" | "rotate";

const base = ["assistantServer"] as const;

/** Where the application is told what happens, and what it says when it is tried. */
export function ServerSection({ form, kept }: { form: Form; kept: Kept | null }) {
  const [dialog, setDialog] = useState<DialogName>();
  const hasUrl = textAt(form.draft, [...base, "url"]) !== "";
  const hasSecret = at(form.draft, [...base, "secret"]) === mask;
  return (
    <Section
      title="Server URL"
      about="Your application is told what happens here, in order and at least once."
    >
      <DraftText
        form={form}
        path={[...base, "url"]}
        label="Server URL"
        placeholder="https://app.example.org/offhook"
      />
      {hasUrl && (
        <>
          <DraftCheck form={form} path={[...base, "enabled"]} label="Enabled" />
          <DraftText
            form={form}
            path={[...base, "secret"]}
            label="Secret"
            isSecret
            hint={
              hasSecret
                ? "A secret is kept; it is masked here. What is written instead replaces it at once."
                : "Signs every message. At least 8 characters."
            }
          />
          <DraftSome
            form={form}
            path={[...base, "messages"]}
            label="Told of"
            choices={tellTypes.map((value) => ({ value, label: value }))}
          />
          <div className="grid gap-4 md:grid-cols-3">
            <DraftNumber form={form} path={[...base, "timeoutSeconds"]} label="Patience" unit="seconds" />
            <DraftChoice form={form} path={[...base, "format"]} label="Format" choices={formats} />
            <DraftChoice form={form} path={[...base, "auth"]} label="Secret goes as" choices={authModes} />
          </div>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setDialog("sample")}>Send a sample…</Button>
            <Button onClick={() => setDialog("check")}>Check…</Button>
            {kept !== null && <Button onClick={() => setDialog("rotate")}>Rotate the secret…</Button>}
          </div>
        </>
      )}
      <Dialogs dialog={dialog} edited={{ draft: form.draft, kept }} onClose={() => setDialog(undefined)} />
    </Section>
  );
}

type DialogsProps = {
  dialog: DialogName | undefined;
  edited: Edited;
  onClose: () => void;
};

function Dialogs({ dialog, edited, onClose }: DialogsProps) {
  if (dialog === "sample") return <SampleDialog edited={edited} onClose={onClose} />;
  if (dialog === "check") return <CheckDialog edited={edited} onClose={onClose} />;
  const id = edited.kept?._id;
  if (dialog === undefined || id === undefined) return null;
  return <RotateDialog rotate={(body) => server.assistants.rotateSecret(id, body)} onClose={onClose} />;
}
