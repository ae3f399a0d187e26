import type { Channel, ChannelNews, OpenChannel } from "../channel.ts";
import type { Cancel, Clock } from "../clock.ts";

/** A line without sound, on the clock: words take their time on both sides. */
export type PacedLine = {
  /** The line, as a call opens it. */
  channel: OpenChannel;
  /** The user speaks: their voice is there at once, a word every `wordMs`, and the words are whole with the last. */
  says(text: string): void;
  /** A voice for so long, without words. */
  makesNoise(forMs: number): void;
  /** A voice that the test ends itself, by what the user says or by {@link PacedLine.fallsSilent}. */
  begins(): void;
  fallsSilent(): void;
  leaves(): void;
  /** Everything that was played, as the user heard it. */
  readonly heard: string;
  /** Whether the line plays something now. */
  readonly isPlaying: boolean;
};

type Message = { messageId: string; text: string; played: number; end: "open" | "given" };

/** Opens a line that plays and hears at speech speed; 300 ms for a word is 200 words a minute. */
export function pacedLine(clock: Clock, { wordMs = 300 }: { wordMs?: number } = {}): PacedLine {
  let tell: (news: ChannelNews) => void = () => undefined;
  const player = new Player(clock, wordMs, (news) => tell(news));
  return {
    channel: {
      playback: "reported",
      open(listener) {
        tell = listener;
        queueMicrotask(() => tell({ type: "connected" }));
        return player;
      },
    },
    says(text) {
      tell({ type: "speech-began" });
      const words = text.split(" ");
      for (let count = 1; count <= words.length; count += 1) {
        const spoken = words.slice(0, count).join(" ");
        const isWhole = count === words.length;
        clock.after(wordMs * count, () => tell({ type: isWhole ? "heard" : "hearing", text: spoken }));
      }
    },
    makesNoise(forMs) {
      tell({ type: "speech-began" });
      clock.after(forMs, () => tell({ type: "speech-ended" }));
    },
    begins: () => tell({ type: "speech-began" }),
    fallsSilent: () => tell({ type: "speech-ended" }),
    leaves: () => tell({ type: "left" }),
    get heard() {
      return player.heard;
    },
    get isPlaying() {
      return player.isPlaying;
    },
  };
}

/** Plays one word after another, and tells of each when it was heard. */
class Player implements Channel {
  readonly #clock: Clock;
  readonly #wordMs: number;
  readonly #tell: (news: ChannelNews) => void;
  #queue: Message[] = [];
  #state: "flowing" | "paused" | "closed" = "flowing";
  #timer: Cancel | undefined;
  heard = "";

  constructor(clock: Clock, wordMs: number, tell: (news: ChannelNews) => void) {
    this.#clock = clock;
    this.#wordMs = wordMs;
    this.#tell = tell;
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  say({ messageId, text, last }: { messageId: string; text: string; last: boolean }): void {
    const known = this.#queue.find((one) => one.messageId === messageId);
    const message: Message = known ?? { messageId, text: "", played: 0, end: "open" };
    if (known === undefined) this.#queue.push(message);
    message.text += text;
    if (last) message.end = "given";
    this.#go();
  }

  hush(messageId: string): void {
    this.#queue = this.#queue.filter((one) => one.messageId !== messageId);
    this.#stop();
    this.#go();
  }

  pause(): void {
    if (this.#state === "flowing") this.#state = "paused";
    this.#stop();
  }

  resume(): void {
    if (this.#state === "paused") this.#state = "flowing";
    this.#go();
  }

  close(): void {
    this.#state = "closed";
    this.#stop();
  }

  #stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #go(): void {
    if (this.#state !== "flowing" || this.#timer !== undefined) return;
    const [message] = this.#queue;
    if (message === undefined) return;
    const word = /^\s*\S+/u.exec(message.text.slice(message.played))?.[0] ?? "";
    if (word !== "") this.#timer = this.#clock.after(this.#wordMs, () => this.#played(message, word));
    else if (message.end === "given") this.#finish(message);
  }

  #played(message: Message, word: string): void {
    this.#timer = undefined;
    message.played += word.length;
    this.heard += word;
    this.#tell({ type: "playing", messageId: message.messageId, characters: message.played });
    this.#go();
  }

  #finish(message: Message): void {
    this.#queue = this.#queue.filter((one) => one !== message);
    this.#tell({ type: "played", messageId: message.messageId });
    this.#go();
  }
}
