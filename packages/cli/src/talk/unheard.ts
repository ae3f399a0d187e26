import type { WireMessage } from "@offhook/protocol";

/** What the user has said, and is not a message of the call yet. */
export class Unheard {
  readonly #texts: string[] = [];
  readonly #heard = new Set<string>();

  get texts(): readonly string[] {
    return this.#texts;
  }

  add(text: string): void {
    this.#texts.push(text);
  }

  /** Takes a message of the call, as often as it comes. */
  hear({ messageId, role, text }: Pick<WireMessage, "messageId" | "role" | "text">): void {
    if (role !== "user" || this.#heard.has(messageId)) return;
    this.#heard.add(messageId);
    const place = this.#texts.indexOf(text);
    if (place !== -1) this.#texts.splice(place, 1);
  }
}
