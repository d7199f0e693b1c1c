import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow the words of a command: `["keys"]` → its subcommands and options. */
interface Words {
  path: readonly string[];
  commands: { name: string; about: string }[];
  options: { name: string; about: string }[];
}

/** @returns a script that makes a shell complete `muster`'s commands and options; whatever else follows is a file */
export const completionScript = (program: Command, shell: Shell): string => {
  const all = wordsOf(program, []);
  if (shell === "fish") return fishScript(all);
  return shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bashScript(all)}` : bashScript(all);
};

const wordsOf = (command: Command, path: readonly string[]): Words[] => [
  {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), about: firstSentence(each.description()) })),
    options: [...command.options, { long: "--help", description: "show what it does", hidden: false }]
      .filter(({ long, hidden }) => long && !hidden)
      .map(({ long, description }) => ({ name: long ?? "", about: firstSentence(description) })),
  },
  ...command.commands.flatMap((each) => wordsOf(each, [...path, each.name()])),
];

const firstSentence = (text: string): string => text.split(/[:;(]|\. /)[0]?.trim() ?? "";

const bashScript = (all: readonly Words[]): string => {
  const known = all.flatMap(({ path }) => (path.length > 0 ? [`"${path.join(" ")}"`] : []));
  const cases = all.map(({ path, commands, options }) => {
    const words = [...commands, ...options].map(({ name }) => name).join(" ");
    return `    "${path.join(" ")}") words="${words}" ;;`;
  });
  return `_muster() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case "\${path:+$path }$word" in
    ${known.join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _muster muster
`;
};

const fishScript = (all: readonly Words[]): string => {
  const lines = all.flatMap(({ path, commands, options }) => {
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const others = commands.map(({ name }) => name).join(" ");
    const here = [...seen, ...(others ? [`not __fish_seen_subcommand_from ${others}`] : [])];
    const when = (conditions: readonly string[]) => (conditions.length > 0 ? ` -n '${conditions.join("; and ")}'` : "");
    return [
      ...commands.map(({ name, about }) => `complete -c muster${when(here)} -f -a ${name} -d ${quoted(about)}`),
      ...options.map(({ name, about }) => `complete -c muster${when(here)} -l ${name.slice(2)} -d ${quoted(about)}`),
    ];
  });
  return `${lines.join("\n")}\n`;
};

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
