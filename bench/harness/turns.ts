import { quantile } from "./statistics.ts";
import { pause, sharedNowMs } from "./time.ts";

/** One conversation: says something, and answers with what came of it when the reply is whole. */
export type Talk = (text: string) => Promise<{ firstTokenAt: number; stamp: Stamp }>;

/** When the request was at the model, and when it sent the first token; see processes/model.ts. */
export type Stamp = { arrivedAt: number; sentAt: number };

const turnEveryMs = 2_000;
/** How long a reply may take. */
export const replyMaxMs = 60_000;

export class NoReplyError extends Error {}

const words = "Could I come on Thursday in the afternoon instead, please?";

/**
 * Lets everyone talk, one turn each {@link turnEveryMs}, spread evenly. A turn
 * that was due while the one before was still under way counts from when it
 * was due: what waits because the server is slow is waiting too. A turn
 * without a reply counts as long as patience lasts, and ends its conversation.
 */
export async function talkOn(talks: readonly Talk[], seconds: number) {
  const turnsEach = Math.max(1, Math.round((seconds * 1e3) / turnEveryMs));
  const startAt = sharedNowMs() + 10;
  const turns: Turn[] = [];
  let unanswered = 0;
  const talkAll = async (talk: Talk, number: number): Promise<void> => {
    const offsetMs = (number * turnEveryMs) / talks.length;
    for (let turn = 0; turn < turnsEach; turn += 1) {
      const dueAt = startAt + offsetMs + turn * turnEveryMs;
      const waitedMs = sharedNowMs() - dueAt;
      await pause(Math.max(-waitedMs, 0));
      const saidAt = waitedMs > 0 ? dueAt : sharedNowMs();
      const { firstTokenAt, stamp } = await talk(words);
      turns.push({ inMs: stamp.arrivedAt - saidAt, outMs: firstTokenAt - stamp.sentAt });
    }
  };
  const lost = (error: unknown): void => {
    if (!(error instanceof NoReplyError)) throw error;
    turns.push({ inMs: replyMaxMs, outMs: 0 });
    unanswered += 1;
  };
  await Promise.all(talks.map((talk, number) => talkAll(talk, number).catch(lost)));
  return { ...figuresOf(turns), unanswered };
}

type Turn = { inMs: number; outMs: number };

function figuresOf(turns: readonly Turn[]) {
  const of = (pick: (turn: Turn) => number, share: number): number => quantile(turns.map(pick), share);
  const both = ({ inMs, outMs }: Turn): number => inMs + outMs;
  return {
    turns: turns.length,
    inP50Ms: of(({ inMs }) => inMs, 0.5),
    inP99Ms: of(({ inMs }) => inMs, 0.99),
    outP50Ms: of(({ outMs }) => outMs, 0.5),
    outP99Ms: of(({ outMs }) => outMs, 0.99),
    bothP50Ms: of(both, 0.5),
    bothP99Ms: of(both, 0.99),
  };
}

/** Reads the stamp in the first piece of a reply. */
export function stampIn(text: string): Stamp {
  const [, arrivedAt, sentAt] = /^\[([0-9.]+) ([0-9.]+)\]/u.exec(text) ?? [];
  if (arrivedAt === undefined || sentAt === undefined)
    throw new Error(`a reply began with “${text}”, not with the model's times`);
  return { arrivedAt: Number(arrivedAt), sentAt: Number(sentAt) };
}
