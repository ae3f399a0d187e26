export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A command with what may follow it. */
export type CommandTree = {
  name: string;
  about: string;
  options: readonly { name: string; about: string }[];
  commands: readonly CommandTree[];
};

/** What a shell reads to complete a program's commands and options. */
export function completionScript(shell: Shell, tree: CommandTree): string {
  switch (shell) {
    case "bash":
      return bash(tree);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(tree)}`;
    case "fish":
      return fish(tree);
  }
}

type Place = { path: string; words: string[] };

/** Every place at which something may follow, with what may. */
function placesOf(tree: CommandTree, path: string): Place[] {
  const words = [...tree.commands.map(({ name }) => name), ...tree.options.map(({ name }) => name), "--help"];
  const inner = tree.commands.flatMap((command) => placesOf(command, `${path} ${command.name}`.trim()));
  return [{ path, words }, ...inner];
}

function bash(tree: CommandTree): string {
  const cases = placesOf(tree, "").map(({ path, words }) => `    "${path}") words="${words.join(" ")}" ;;`);
  const name = tree.name;
  return `_${name}() {
  local path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    case "$path" in
      ""|${
        tree.commands
          .filter(({ commands }) => commands.length > 0)
          .map((one) => one.name)
          .join("|") || '""'
      }) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}

function fish(tree: CommandTree): string {
  const lines = [`complete -c ${tree.name} -f`];
  const quote = (text: string): string => `'${text.replaceAll("'", "\\'").replaceAll("\n", " ")}'`;
  for (const command of tree.commands) {
    lines.push(
      `complete -c ${tree.name} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.about)}`,
    );
    const seen = `'__fish_seen_subcommand_from ${command.name}'`;
    for (const inner of command.commands)
      lines.push(`complete -c ${tree.name} -n ${seen} -a ${inner.name} -d ${quote(inner.about)}`);
    const options =
      command.commands.length === 0 ? command.options : command.commands.flatMap((one) => one.options);
    const known = new Map(options.map((option) => [option.name, option.about]));
    for (const [name, about] of known)
      lines.push(`complete -c ${tree.name} -n ${seen} -l ${name.slice(2)} -d ${quote(about)}`);
  }
  return `${lines.join("\n")}\n`;
}
