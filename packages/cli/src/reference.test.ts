import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { programInto, typed } from "./testing/typed.ts";

const reference = fileURLToPath(new URL("../../../docs/CLI.md", import.meta.url));

const introduction = `# The command line

What \`offhook <command> --help\` says, of every command. This page is written by a test:
\`npx vitest run packages/cli/src/reference --update\`.

Results go to standard output and everything beside them to standard error. With \`--json\` standard output holds JSON and no more. Colours appear only on a terminal, and not where \`NO_COLOR\` is set.
`;

/** The names of all commands, inner ones after their parents. */
function namesOf(command: Command, before: string[] = []): string[][] {
  return command.commands.flatMap((one) => {
    const name = [...before, one.name()];
    return [name, ...namesOf(one, name)];
  });
}

it("docs/CLI.md is what --help says", async () => {
  const program = programInto({ out: "", beside: "", code: 0 });
  const sections = [introduction];
  for (const name of [[], ...namesOf(program)]) {
    const { out } = await typed(...name, "--help");
    // Said once, at the top.
    const text = name.length === 0 ? out : out.replace(/\nExit codes:[^]*$/u, "");
    sections.push(`## ${["offhook", ...name].join(" ")}\n\n\`\`\`text\n${text.trim()}\n\`\`\`\n`);
  }
  await expect(sections.join("\n")).toMatchFileSnapshot(reference);
});
