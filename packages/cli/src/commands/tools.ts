import { faultsOf, toolDefinition } from "@offhook/protocol";
import type { Command } from "commander";
import { faultsFailure } from "../failure.ts";
import { addShelf } from "../resources/shelf-commands.ts";
import type { Wiring } from "../wiring.ts";

/** `offhook tools`. */
export function addTools(program: Command, wiring: Wiring): void {
  addShelf(program, wiring, {
    name: "tools",
    one: "tool",
    shelfOf: ({ tools }) => tools,
    read(resource) {
      const read = toolDefinition.safeParse(resource);
      return read.success ? read.data : faultsFailure("This is no tool", faultsOf(read.error));
    },
  });
}
