import type { AssistantInput } from "@offhook/client";
import { assistantBody, faultsOf } from "@offhook/protocol";
import type { Command } from "commander";
import { faultsFailure } from "../failure.ts";
import { addShelf, type Kind } from "../resources/shelf-commands.ts";
import type { Wiring } from "../wiring.ts";

/** Assistants as a command reads and sends them. */
export const assistantsKind: Kind<AssistantInput> = {
  name: "assistants",
  one: "assistant",
  shelfOf: ({ assistants }) => assistants,
  read(resource) {
    const read = assistantBody.safeParse(resource);
    // As it was written: what is left out is for the server to fill in.
    return read.success
      ? { ...resource, name: read.data.name }
      : faultsFailure("This is no assistant", faultsOf(read.error));
  },
};

/** `offhook assistants`. */
export function addAssistants(program: Command, wiring: Wiring): void {
  addShelf(program, wiring, assistantsKind);
}
