import { type KeyboardEvent, type SyntheticEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";

/** `away` while the line is lost, or not there yet. */
export type Line = "open" | "away" | "over";
type Props = { line: Line; onSay: (text: string) => boolean };

const hints: Record<Line, string> = {
  open: "Say something…",
  away: "Connecting…",
  over: "The call is over",
};

/** Where one writes what one says. Enter says it, Shift and Enter begin a new line. */
export function Composer({ line, onSay }: Props) {
  const isOpen = line === "open";
  const [text, setText] = useState("");
  const say = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (text.trim() !== "" && onSay(text.trim())) setText("");
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) say(event);
  };
  return (
    <form onSubmit={say} className="flex shrink-0 items-end gap-2 border-t border-line bg-panel p-3">
      <label htmlFor="say" className="sr-only">
        Say something
      </label>
      <textarea
        id="say"
        rows={1}
        value={text}
        disabled={!isOpen}
        maxLength={4_000}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={keys}
        placeholder={hints[line]}
        className="field-sizing-content max-h-40 min-h-10 flex-1 resize-none rounded-xl border border-edge bg-panel px-3 py-2 disabled:opacity-60"
      />
      <Button type="submit" look="primary" disabled={!isOpen || text.trim() === ""} className="min-h-10">
        <Icon name="send" /> Say
      </Button>
    </form>
  );
}
