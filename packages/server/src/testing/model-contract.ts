import { describe, expect, test } from "vitest";
import type { Model, ModelEvent, ModelRequest } from "../model.ts";

/** A request with nothing special in it; what a test is about goes into `given`. */
export function requestOf(given: Partial<ModelRequest> = {}): ModelRequest {
  const messages = [{ role: "user", text: "Hello" }] as const;
  return {
    provider: "openai",
    model: "fake",
    temperature: 0,
    maxTokens: 64,
    purpose: "conversation",
    messages,
    tools: [],
    ...given,
  };
}

/** All that a model answers. */
export async function eventsOf(
  model: Model,
  request: ModelRequest,
  signal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  return events;
}

export function textIn(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.text : "")).join("");
}

/** What is opened for one test: a model that says something to `requestOf()`, and calls `findSlots` when it is asked for `tool`. */
export type ContractModel = { model: Model; tool: ModelRequest; close?(): Promise<void> };

/** What every model keeps to, fakes included. */
export function modelContract(name: string, open: () => ContractModel | Promise<ContractModel>): void {
  const using = async (act: (opened: ContractModel) => Promise<void>): Promise<void> => {
    const opened = await open();
    try {
      await act(opened);
    } finally {
      await opened.close?.();
    }
  };

  describe(`${name} is a model`, () => {
    test("a text comes in several pieces, and `finished` is the last event", () =>
      using(async ({ model }) => {
        const events = await eventsOf(model, requestOf());
        expect(events.filter(({ type }) => type === "text").length).toBeGreaterThan(1);
        expect(events.map(({ type }) => type).lastIndexOf("text")).toBeLessThan(events.length - 1);
        expect(events.filter(({ type }) => type === "finished" || type === "failed")).toEqual([
          events.at(-1),
        ]);
        expect(events.at(-1)).toMatchObject({ type: "finished", toolCalls: [] });
      }));

    test("a tool call is announced, and is whole at the end", () =>
      using(async ({ model, tool }) => {
        const events = await eventsOf(model, tool);
        expect(events).toContainEqual({ type: "tool-call-begun", name: "findSlots" });
        const last = events.at(-1);
        expect(last).toMatchObject({
          type: "finished",
          toolCalls: [{ name: "findSlots", arguments: '{"day":"Tuesday"}' }],
        });
        expect(last?.type === "finished" && last.toolCalls[0]?.id).toMatch(/./u);
      }));

    test("a signal that is aborted before gives nothing", () =>
      using(async ({ model }) => {
        expect(await eventsOf(model, requestOf(), AbortSignal.abort())).toEqual([]);
      }));

    test("a signal that is aborted midway ends it without a last event", () =>
      using(async ({ model }) => {
        const calling = new AbortController();
        const events: ModelEvent[] = [];
        for await (const event of model.stream(requestOf(), calling.signal)) {
          events.push(event);
          calling.abort();
        }
        expect(events.map(({ type }) => type)).toEqual(["text"]);
      }));
  });
}
