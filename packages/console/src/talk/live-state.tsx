import type { LiveState } from "@offhook/protocol";
import { Badge } from "../ui/badge.tsx";
import type { Tone } from "../ui/tone.ts";
import { useNow } from "../ui/use-now.ts";
import { span, spaced } from "../ui/words.ts";

/** What each side of a live call does now, and what the call does by itself next. Holds its place before anything is told. */
export function LiveStateLine({ state }: { state: LiveState | undefined }) {
  return (
    <div
      role="group"
      aria-label="What goes on now"
      className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 bg-panel px-4 py-1.5 text-xs max-sm:min-h-14"
    >
      {state !== undefined && (
        <>
          <Side name="Assistant" does={state.assistant} />
          <Side name="User" does={state.user} />
          <Next waitsFor={state.waitsFor} />
        </>
      )}
    </div>
  );
}

const tones: Record<LiveState["assistant"] | LiveState["user"], Tone> = {
  initializing: "note",
  listening: "plain",
  thinking: "talk",
  speaking: "accent",
  away: "warn",
};

function Side({ name, does }: { name: string; does: keyof typeof tones }) {
  return (
    <span className="flex items-center gap-1.5">
      <span className="text-soft">{name}</span> <Badge tone={tones[does]}>{does}</Badge>
    </span>
  );
}

/** What a call does when what it waits for does not come, by the name of the deadline. */
const deadlines: Record<string, string> = {
  connect: "gives up connecting",
  "max-duration": "ends for its length",
  warning: "warns that it ends soon",
  idle: "minds the silence",
  hang: "calls it a hang",
  "first-content": "gives the model up",
  reply: "gives the reply up",
  tool: "gives the tool up",
  filler: "says a filler",
  "user-speech": "takes the user's speech as over",
  playback: "gives the line up",
  goodbye: "ends",
};

function Next({ waitsFor: { kind, at } }: Pick<LiveState, "waitsFor">) {
  const now = useNow(200);
  return (
    <span className="tabular text-soft">
      Next: {deadlines[kind] ?? spaced(kind)} in {span(Math.max(0, at - now))}
    </span>
  );
}
