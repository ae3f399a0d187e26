import type { Message } from "@offhook/protocol";
import { type ReactNode, useEffect, useRef } from "react";
import { Moment } from "../ui/moment.tsx";
import { span } from "../ui/words.ts";

type Props = {
  messages: readonly Message[];
  /** The message that something else points to. */
  marked?: string | undefined;
  onChoose?: (messageId: string) => void;
  /** What is being said, and what comes below. */
  children?: ReactNode;
};

/** What was said, by whom. */
export function Conversation({ messages, marked, onChoose, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (marked !== undefined)
      box.current?.querySelector("[data-marked]")?.scrollIntoView({ block: "center" });
  }, [marked]);
  return (
    <div
      ref={box}
      className="flex flex-col gap-3 p-4"
      role="log"
      aria-label="Conversation"
      aria-live="polite"
    >
      {messages.map((message) => (
        <Bubble
          key={message.messageId}
          message={message}
          isMarked={message.messageId === marked}
          onChoose={onChoose === undefined ? undefined : () => onChoose(message.messageId)}
        />
      ))}
      {children}
    </div>
  );
}

type BubbleProps = { message: Message; isMarked: boolean; onChoose: (() => void) | undefined };

function Bubble({ message, isMarked, onChoose }: BubbleProps) {
  const { role, text, timestamp, metrics } = message;
  const latency = metrics?.llm?.responseLatencyMs;
  return (
    <div
      data-role={role}
      {...(isMarked ? { "data-marked": true } : {})}
      className={`flex max-w-[85%] flex-col gap-1 ${role === "user" ? "self-end items-end" : "self-start"}`}
    >
      <Words speaker={role} isMarked={isMarked}>
        {text}
      </Words>
      <span className="flex items-center gap-2 px-1 text-tiny text-soft">
        {role === "user" ? "User" : "Assistant"} <Moment at={timestamp} isShort />
        {latency !== undefined && (
          <span title="From the end of the turn to the first content">{span(latency)}</span>
        )}
        {onChoose !== undefined && (
          <button
            type="button"
            onClick={onChoose}
            className="min-h-6 rounded px-1 underline decoration-dotted hover:text-ink"
          >
            show entry
          </button>
        )}
      </span>
    </div>
  );
}

export function Words({
  speaker,
  isMarked = false,
  children,
}: {
  speaker: "user" | "assistant";
  isMarked?: boolean;
  children: ReactNode;
}) {
  const look =
    speaker === "user"
      ? "bg-accent text-accent-ink rounded-br-md"
      : "bg-sunken text-ink rounded-bl-md border border-line";
  return (
    <p
      className={`rounded-2xl px-3.5 py-2 whitespace-pre-wrap [overflow-wrap:anywhere] ${look} ${isMarked ? "ring-2 ring-warn ring-offset-2 ring-offset-panel" : ""}`}
    >
      {children}
    </p>
  );
}
