import { Argument, type Command } from "commander";
import { completionScript, SHELLS, type Shell } from "./completion.ts";

export const registerCompletionCommand = (program: Command): void => {
  program
    .command("completion")
    .description("print a script that makes a shell complete commands and options")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText(
      "after",
      `
Example, for a \`muster\` on the PATH:
  muster completion bash >> ~/.bashrc
  muster completion zsh >> ~/.zshrc
  muster completion fish > ~/.config/fish/completions/muster.fish`,
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
};
