import { spawnSync } from "node:child_process";
import { Command } from "commander";
import { expect, it } from "vitest";
import { completionScript } from "./completion.ts";

const program = () => {
  const muster = new Command("muster").option("--quiet", "say less");
  muster.command("load").description("offer players; then tell").option("--rate <n>", "players per second");
  const queues = muster.command("queues").description("work with queues' files");
  queues.command("check").option("--json", "as JSON");
  return muster;
};

/** What bash offers for the last word of a command line. */
const offered = (...line: string[]): string[] => {
  const words = line.map((word) => `"${word}"`).join(" ");
  const script = `${completionScript(program(), "bash")}
COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
};

it("completes commands, their subcommands and their options", () => {
  expect(offered("muster", "")).toEqual(["load", "queues", "--quiet", "--help"]);
  expect(offered("muster", "l")).toEqual(["load"]);
  expect(offered("muster", "queues", "")).toEqual(["check", "--help"]);
  expect(offered("muster", "queues", "check", "--j")).toEqual(["--json"]);
  expect(offered("muster", "load", "--rate", "5", "--")).toEqual(["--rate", "--help"]);
});

it("leaves to the shell what is no word of Muster's", () => {
  expect(offered("muster", "queues", "check", "my-qu")).toEqual([]);
});

it("is a script of fish's, each line one completion", () => {
  const lines = completionScript(program(), "fish").trimEnd().split("\n");
  expect(lines).toContain(
    "complete -c muster -n 'not __fish_seen_subcommand_from load queues' -f -a load -d 'offer players'",
  );
  expect(lines).toContain(
    "complete -c muster -n 'not __fish_seen_subcommand_from load queues' -f -a queues -d 'work with queues\\' files'",
  );
  expect(lines.every((line) => line.startsWith("complete -c muster"))).toBe(true);
});

const isThere = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

/** @returns what a shell said to a script; it must not complain */
const say = (shell: string, args: readonly string[], script: string): string[] => {
  const { stdout, stderr } = spawnSync(shell, [...args, "-c", script], { encoding: "utf8", timeout: 20_000 });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
};

it.runIf(isThere("fish"))("offers them in fish, each with what it is for", () => {
  const offeredByFish = (line: string) =>
    say("fish", ["--no-config"], `${completionScript(program(), "fish")}\ncomplete -C '${line}'`);
  expect(offeredByFish("muster l")).toEqual(["load\toffer players"]);
  expect(offeredByFish("muster queues ch")).toEqual(["check"]);
  expect(offeredByFish("muster load --r")).toEqual(["--rate\tplayers per second"]);
});

it.runIf(isThere("zsh"))("offers them in zsh", () => {
  /** zsh itself keeps those of them that begin as the word does. */
  const offeredByZsh = (...line: string[]) =>
    say(
      "zsh",
      ["-f"],
      `autoload -U compinit && compinit -u -D
${completionScript(program(), "zsh")}
function compadd { print -l -- \${@[$@[(i)-]+1,-1]} }
words=(${line.map((word) => `"${word}"`).join(" ")}); CURRENT=${line.length}
_bash_complete -o default -F _muster || true`,
    );
  expect(offeredByZsh("muster", "l")).toEqual(["load", "queues", "--quiet", "--help"]);
  expect(offeredByZsh("muster", "queues", "ch")).toEqual(["check", "--help"]);
  expect(offeredByZsh("muster", "load", "--rate", "5", "--")).toEqual(["--rate", "--help"]);
});
