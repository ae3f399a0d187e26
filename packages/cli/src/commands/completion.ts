import { Argument, type Command } from "commander";
import { type CommandTree, completionScript, shells } from "../completion/script.ts";
import { exitCodes } from "../exit-codes.ts";
import { withExamples } from "../options.ts";
import type { Wiring } from "../wiring.ts";

/** `offhook completion`: what a shell needs to complete what is typed. */
export function addCompletion(program: Command, { terminal, ended }: Wiring): void {
  const command = program
    .command("completion")
    .description("print what a shell needs to complete what is typed")
    .addArgument(new Argument("<shell>", "which shell").choices(shells));
  withExamples(command, [
    'eval "$(offhook completion bash)"   # in ~/.bashrc',
    'eval "$(offhook completion zsh)"    # in ~/.zshrc, after compinit',
    "offhook completion fish > ~/.config/fish/completions/offhook.fish",
  ]).action((shell: (typeof shells)[number]) => {
    terminal.write(completionScript(shell, treeOf(program)));
    ended(exitCodes.done);
  });
}

function treeOf(command: Command): CommandTree {
  return {
    name: command.name(),
    about: command.description(),
    options: command.options.flatMap(({ long, description }) =>
      long === undefined || long === null ? [] : [{ name: long, about: description }],
    ),
    commands: command.commands.map(treeOf),
  };
}
