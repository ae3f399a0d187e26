import type { LiveUpdate, WireMessage } from "@offhook/protocol";
import { plain } from "../terminal.ts";

/** Where words are shown, and where what is not said goes. */
export type Paper = { write: (text: string) => void; note: (line: string) => void };

export type TranscriptOptions = {
  /** Whether what the user says is shown: no when the user typed it here. */
  showUser: boolean;
  /** Whether a reply is shown word by word. */
  stream: boolean;
  labels: { user: string; assistant: string };
};

/** Puts the updates of a live call on paper: each message once, whether it comes in pieces or whole. */
export class Transcript {
  readonly #paper: Paper;
  readonly #options: TranscriptOptions;
  readonly #whole = new Set<string>();
  /** The message whose line is not ended yet, and what of it is on paper. */
  #open: { messageId: string; text: string } | undefined;

  constructor(paper: Paper, options: TranscriptOptions) {
    this.#paper = paper;
    this.#options = options;
  }

  /** The connection is lost: what has come in part stays so, and may never come whole. */
  lose(): void {
    if (this.#open !== undefined) this.#paper.write("…");
    this.#beside("— connection lost, connecting again");
  }

  take(update: LiveUpdate): void {
    switch (update.type) {
      case "delta":
        return this.#options.stream ? this.#piece(update.messageId, update.text) : undefined;
      case "message":
        return this.#message(update.message);
      case "status":
        return this.#beside(
          `— ${update.status}${update.endedReason === null ? "" : ` (${update.endedReason})`}`,
        );
      case "state":
        return undefined;
      case "error":
        return this.#beside(`— error ${update.code}: ${plain(update.message)}`);
    }
  }

  /** A message as a whole; what of it was shown already is not shown again. */
  #message({ messageId, role, text }: WireMessage): void {
    if (this.#whole.has(messageId)) return;
    this.#whole.add(messageId);
    if (role === "user" && !this.#options.showUser) return;
    const shown = this.#open?.messageId === messageId ? this.#open.text : undefined;
    if (shown === undefined) return this.#line(this.#options.labels[role], text);
    if (text.startsWith(shown)) this.#paper.write(plain(text.slice(shown.length)));
    this.#endLine();
  }

  #piece(messageId: string, text: string): void {
    if (this.#whole.has(messageId)) return;
    if (this.#open?.messageId !== messageId) {
      this.#endLine();
      this.#paper.write(this.#options.labels.assistant);
      this.#open = { messageId, text: "" };
    }
    this.#open.text += text;
    this.#paper.write(plain(text));
  }

  #line(label: string, text: string): void {
    this.#endLine();
    this.#paper.write(`${label}${plain(text)}\n`);
  }

  #beside(line: string): void {
    this.#endLine();
    this.#paper.note(line);
  }

  #endLine(): void {
    if (this.#open !== undefined) this.#paper.write("\n");
    this.#open = undefined;
  }
}
