import { OpenAI } from "openai";
import { systemPrompt } from "../harness/assistant.ts";
import { answerParent } from "../harness/child.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";
import { stampIn, type Talk, talkOn } from "../harness/turns.ts";

/** The same conversations with the `openai` client alone: nothing is kept, nobody is told. */
type Message = { role: "system" | "user" | "assistant"; content: string };

const talks: Talk[] = [];
let client: OpenAI | undefined;

const handlers = {
  open({ modelUrl }: { modelUrl: string }): void {
    client = new OpenAI({ baseURL: modelUrl, apiKey: "none", maxRetries: 0, logLevel: "off" });
  },
  /** Figures of the turns, and the processor time of each. */
  async talk({ calls, seconds }: { calls: number; seconds: number }) {
    while (talks.length < calls) talks.push(newTalk());
    const before = processorSeconds();
    const figures = await talkOn(talks.slice(0, calls), seconds);
    const used = processorSeconds() - before;
    return { ...figures, processorMsPerTurn: (used / figures.turns) * 1e3 };
  },
};
export type BareOpenAiDoes = typeof handlers;

answerParent(handlers);

function newTalk(): Talk {
  const messages: Message[] = [{ role: "system", content: systemPrompt }];
  return async (text) => {
    if (client === undefined) throw new Error("open it first");
    messages.push({ role: "user", content: text });
    const stream = await client.chat.completions.create({
      model: "bench",
      messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
    });
    let reply = "";
    let firstTokenAt = 0;
    for await (const chunk of stream) {
      if (reply === "") firstTokenAt = sharedNowMs();
      reply += chunk.choices[0]?.delta.content ?? "";
    }
    messages.push({ role: "assistant", content: reply });
    return { firstTokenAt, stamp: stampIn(reply) };
  };
}
