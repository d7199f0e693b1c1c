import { MusterApiError, MusterConnectionError, RealmClient } from "@muster/client";
import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../queues/check.ts";
import { explanationLines } from "./explanation-lines.ts";

export interface ExplainOptions {
  url: string;
  json?: boolean;
}

/** `muster explain`: why a ticket waits. @returns the exit code */
export const explainTicket = async (ticket: string, options: ExplainOptions, { out, err }: Output): Promise<number> => {
  if (!URL.canParse(options.url)) {
    err("--url: must be an http or https URL, such as http://127.0.0.1:8080");
    return EXIT.config;
  }
  const client = new RealmClient({ url: options.url, attempts: 1, apiKey: process.env.MUSTER_API_KEY });
  try {
    const answer = await client.explainTicket(ticket);
    for (const line of options.json ? [JSON.stringify(answer)] : explanationLines(answer)) out(line);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof MusterApiError) && !(error instanceof MusterConnectionError)) throw error;
    err(error.message);
    return EXIT.failed;
  }
};

export const registerExplainCommand = (program: Command): void => {
  program
    .command("explain")
    .description("say why a ticket is not matched yet, and when its criteria widen next")
    .argument("<ticket>", "the ticket's id, as enqueue answered it")
    .addOption(new Option("--url <url>", "where Muster is").env("MUSTER_URL").default("http://127.0.0.1:8080"))
    .option("--json", "print the API's answer as it is")
    .action(async (ticket: string, options: ExplainOptions) => {
      process.exitCode = await explainTicket(ticket, options, { out: console.log, err: console.error });
    });
};
