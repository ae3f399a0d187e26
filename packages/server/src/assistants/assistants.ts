import {
  type AssistantBody,
  assistantBody,
  assistantRequestServer,
  type AssistantTool,
  assistantTool,
  flatTool,
  isMcp,
  type ServerTls,
} from "@offhook/protocol";
import { z } from "zod";
import { type Address, Library, type LibraryParts } from "./library.ts";

/** A number that the server answers, and who answers it. */
export const numberBody = z.looseObject({
  number: z.string().min(1).max(64),
  provider: z.looseObject({ name: z.string().max(64) }).default({ name: "" }),
  /** Who answers; with a `server`, who answers when that gives no answer. */
  assistantId: z.string().max(64).optional(),
  /** Asked who answers a call that names no assistant. */
  server: assistantRequestServer.optional(),
});
export type NumberBody = z.infer<typeof numberBody>;

export type Assistants = {
  assistants: Library<AssistantBody>;
  tools: Library<AssistantTool>;
  numbers: Library<NumberBody>;
};

/** What the teams have stored of those who answer. */
export function openAssistants(parts: LibraryParts): Assistants {
  return {
    assistants: new Library(parts, {
      kind: "assistant",
      prefix: "asst",
      schema: assistantBody,
      addressesIn: addressesOfAssistant,
    }),
    tools: new Library(parts, {
      kind: "tool",
      prefix: "tool",
      schema: assistantTool,
      addressesIn: (tool) => addressesOfTool(tool, ""),
    }),
    numbers: new Library(parts, {
      kind: "number",
      prefix: "num",
      schema: numberBody,
      addressesIn: ({ server }) => (server === undefined ? [] : [{ path: "/server/url", url: server.url }]),
    }),
  };
}

function addressesOfAssistant(assistant: AssistantBody): Address[] {
  const { assistantServer, assistantLLMUrl, fallbackModels, tools } = assistant;
  return [
    ...(assistantServer === undefined ? [] : addressesOfServer(assistantServer, "/assistantServer")),
    ...(assistantLLMUrl === undefined ? [] : [{ path: "/assistantLLMUrl", url: assistantLLMUrl }]),
    ...fallbackModels.flatMap(({ url }, index) =>
      url === undefined ? [] : [{ path: `/fallbackModels/${index}/url`, url }],
    ),
    ...tools.flatMap((tool, index) => addressesOfTool(tool, `/tools/${index}`)),
  ];
}

function addressesOfTool(tool: AssistantTool, path: string): Address[] {
  if (isMcp(tool)) return addressesOfServer({ url: tool.server.url }, `${path}/server`);
  const { server } = flatTool(tool);
  return server === undefined ? [] : addressesOfServer(server, `${path}/server`);
}

type Server = { url?: string | undefined; tls?: ServerTls | undefined };

function addressesOfServer({ url, tls }: Server, path: string): Address[] {
  if (url === undefined) return [];
  return [{ path: `${path}/url`, url, tls: tls && { path: `${path}/tls`, given: tls } }];
}
