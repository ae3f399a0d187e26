import { wireHeaders } from "@offhook/protocol";
import { objectOf } from "../json.ts";
import { type Letter, letterOf, sampleMessage, sampleToolMessage } from "../sending/letter.ts";
import { type Case, casesOf, type Finding } from "./case.ts";
import { allOf, saw, shown, unbroken } from "./findings.ts";
import type { KnownTool, Probe } from "./probe.ts";
import { hasError, hasResult, isListed } from "./tool-answer.ts";

/** So many tool calls at the same time. */
const toolCallsAtOnce = 8;

type Message = Record<string, unknown>;

const toolOf = (probe: Probe): KnownTool => probe.tool ?? { name: "offhookCheck", arguments: {} };

/** A tool request in the envelope, with its `functionCall` changed. */
function envelope(
  probe: Probe,
  tool: KnownTool,
  change: (functionCall: Message) => Message = (same) => same,
): Letter {
  const message = sampleToolMessage({ toolCallId: probe.newId(), ...tool }, probe.newCall());
  const letter = letterOf({ ...message, functionCall: change(objectOf(message["functionCall"])) });
  return { ...letter, headers: hints(letter.id, tool.name) };
}

function hints(toolCallId: string, name: string): Record<string, string> {
  return { [wireHeaders.toolCallId]: toolCallId, [wireHeaders.toolName]: name };
}

/** Vapi's form of one or several tool calls. */
function listed(probe: Probe, calls: readonly { id: string; arguments: unknown }[]): Letter {
  const { name } = toolOf(probe);
  const message = sampleMessage("conversation-update", probe.newCall());
  const toolCallList = calls.map(({ id, arguments: given }) => ({
    id,
    type: "function",
    function: { name, arguments: given },
  }));
  const id = probe.newId();
  return letterOf({ ...message, type: "tool-calls", id, toolCallList });
}

/** A tool call is answered with a result, and otherwise than an event that nobody knows. */
async function answersAsTool(probe: Probe, letter: Letter): Promise<Finding> {
  const unknown = letterOf({ ...sampleMessage("hang", probe.newCall()), type: "speech-update" });
  const [caught, answer] = [await probe.send(unknown), await probe.send(letter)];
  const found = hasResult(answer, letter.id);
  if (found !== undefined || answer.kind !== "answered" || caught.kind !== "answered") return found;
  return answer.body === caught.body ? `${saw(answer)}, as it answers an event: no tool was run` : undefined;
}

/** What must hold of tool requests. */
export const toolCases: Case[] = casesOf("tools", [
  {
    name: "tool-envelope",
    needs: "a tool",
    expects: "A tool call in the envelope format is answered with 2xx and a result.",
    mend: 'Read message.functionCall.name and .parameters, and answer {"result": "…"}.',
    run: async (probe) => {
      return answersAsTool(probe, envelope(probe, toolOf(probe)));
    },
  },
  {
    name: "tool-parameters-as-text",
    needs: "a tool",
    expects: "A tool call whose parameters are a JSON text is answered like one with an object.",
    mend: "Parse message.functionCall.parameters when it is a text.",
    run: async (probe) => {
      const asText = ({ arguments: text, ...rest }: Message): Message => ({ ...rest, parameters: text });
      const letter = envelope(probe, toolOf(probe), asText);
      return hasResult(await probe.send(letter), letter.id);
    },
  },
  {
    name: "tool-bare-arguments",
    needs: "a tool",
    expects:
      "A tool call that is nothing but its arguments, with its name in offhook-tool-name, is answered with a result.",
    mend: "When there is no `message` and the header offhook-tool-name is there, take the whole body for the arguments. Tools with a server of their own are asked so.",
    run: async (probe) => {
      const { name, arguments: given } = toolOf(probe);
      const id = probe.newId();
      return hasResult(await probe.send({ id, body: JSON.stringify(given), headers: hints(id, name) }), id);
    },
  },
  {
    name: "tool-calls-of-vapi",
    needs: "a tool",
    expects: 'Vapi\'s tool-calls are answered with {"results": [{"toolCallId", "result"}]}.',
    mend: "Read message.toolCallList[].function, and answer a list in which each result names its toolCallId.",
    run: async (probe) => {
      const id = `call_${probe.newId()}`;
      return isListed(await probe.send(listed(probe, [{ id, arguments: toolOf(probe).arguments }])), id);
    },
  },
  {
    name: "tool-calls-several",
    needs: "a tool",
    expects: "Two of Vapi's tool calls in one request, one with its arguments as a text, are both answered.",
    mend: "Answer every entry of message.toolCallList, each under its own id; parse arguments that are a text.",
    run: async (probe) => {
      const { arguments: given } = toolOf(probe);
      const [first, second] = [`call_${probe.newId()}`, `call_${probe.newId()}`];
      const asked = [
        { id: first, arguments: given },
        { id: second, arguments: JSON.stringify(given) },
      ];
      const answer = await probe.send(listed(probe, asked));
      return allOf([
        ["the first", isListed(answer, first)],
        ["the second", isListed(answer, second)],
      ]);
    },
  },
  {
    name: "tool-again",
    needs: "a tool",
    expects: "A tool call that comes a second time, under the same webhook-id, gets the same answer.",
    mend: "Keep the answer of a tool call by its webhook-id, and give it again: a second booking would be a second visit.",
    run: async (probe) => {
      const letter = envelope(probe, toolOf(probe));
      const first = await probe.send(letter);
      const second = await probe.send(letter, { attempt: 2 });
      const found = hasResult(first, letter.id) ?? hasResult(second, letter.id);
      if (found !== undefined || first.kind !== "answered" || second.kind !== "answered") return found;
      if (first.body === second.body) return undefined;
      return `it answered ${shown(first.body)}, and then ${shown(second.body)}`;
    },
  },
  {
    name: "tool-again-at-once",
    needs: "a tool",
    expects: "The same tool call twice at the same moment runs once, and both get the same answer.",
    mend: "Let a repetition wait for the run that is under way.",
    run: async (probe) => {
      const letter = envelope(probe, toolOf(probe));
      const answers = await Promise.all([1, 2].map((attempt) => probe.send(letter, { attempt })));
      const found = allOf(
        answers.map((answer, index) => [`number ${index + 1}`, hasResult(answer, letter.id)]),
      );
      const bodies = new Set(answers.map((answer) => (answer.kind === "answered" ? answer.body : "")));
      if (found !== undefined || bodies.size === 1) return found;
      return `it gave two answers: ${[...bodies].map(shown).join(" and ")}`;
    },
  },
  {
    name: "tool-calls-at-once",
    needs: "a tool",
    expects: `${toolCallsAtOnce} tool calls at the same time are all answered.`,
    mend: "Serve requests side by side: callers wait on the line.",
    run: async (probe) => {
      const letters = Array.from({ length: toolCallsAtOnce }, () => envelope(probe, toolOf(probe)));
      const found = await Promise.all(
        letters.map(async (letter) => hasResult(await probe.send(letter), letter.id)),
      );
      return allOf(found.map((finding, index) => [`number ${index + 1}`, finding]));
    },
  },
  {
    name: "tool-unknown",
    needs: "nothing",
    expects: 'A tool that the receiver does not have is answered with {"error": "…"}, or 4xx.',
    mend: 'Answer 200 with {"error": "There is no tool …"}: the model can speak about it. An empty result is a lie.',
    run: async (probe) => {
      const letter = envelope(probe, { name: "noSuchToolHere", arguments: { day: "Monday" } });
      return hasError(await probe.send(letter), letter.id);
    },
  },
  {
    name: "tool-name-of-an-object",
    needs: "nothing",
    expects: "Tools called constructor or __proto__ are unknown tools.",
    mend: "Look tools up in a map, or with Object.hasOwn: every object has a constructor.",
    run: async (probe) => {
      const found: [string, Finding][] = [];
      for (const name of ["constructor", "__proto__", "toString"]) {
        const letter = envelope(probe, { name, arguments: toolOf(probe).arguments });
        found.push([name, hasError(await probe.send(letter), letter.id)]);
      }
      return allOf(found);
    },
  },
  {
    name: "tool-wrong-arguments",
    needs: "a tool",
    expects:
      "Arguments that are missing, or of the wrong kind, are answered with an error or a result; nothing breaks.",
    mend: 'Check the arguments before they are used, and answer 200 with {"error": "which one is wrong"}: the model asks again.',
    run: async (probe) => {
      const { name, arguments: given } = toolOf(probe);
      const wrong = Object.fromEntries(Object.keys(given).map((key) => [key, { not: ["this"] }]));
      const nulls = Object.fromEntries(Object.keys(given).map((key) => [key, null]));
      const found: [string, Finding][] = [];
      for (const [what, changed] of Object.entries({
        "of the wrong kind": wrong,
        null: nulls,
        missing: {},
      })) {
        const answer = await probe.send(envelope(probe, { name, arguments: changed }));
        found.push([what, unbroken(answer)]);
      }
      return allOf(found);
    },
  },
  {
    name: "tool-broken-arguments",
    needs: "a tool",
    expects: "Arguments that are a text, but no JSON, are answered with an error; nothing breaks.",
    mend: "Parse the arguments inside a try: models write broken JSON now and then.",
    run: async (probe) => {
      const letter = envelope(probe, toolOf(probe), () => ({
        id: probe.newId(),
        name: toolOf(probe).name,
        parameters: '{"day": ',
      }));
      return unbroken(await probe.send(letter));
    },
  },
]);

/** What must hold of everything that was answered; it is asked last. */
export const lastCases: Case[] = casesOf("signature", [
  {
    name: "secret-not-told",
    needs: "a secret",
    expects: "No answer of all these contains the secret.",
    mend: "Do not echo headers or settings in an answer, nor in the text of an error.",
    run: async ({ answers, proof: { secret = "" } }) => {
      const telling = answers.find(
        (answer) =>
          answer.kind === "answered" && (answer.body + JSON.stringify(answer.headers)).includes(secret),
      );
      return telling === undefined || telling.kind !== "answered"
        ? undefined
        : `an answer with ${telling.status} contains it`;
    },
  },
]);
