import { ConfigError } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.ts";
import { flagOf, readUpOptions, SETTING_NAMES, type SettingName, UpSettings, variableOf } from "./options.ts";
import { runUp } from "./run-up.ts";

/** How a value is called in the help text. Those that are not here are switches. */
const VALUES: Partial<Record<SettingName, string>> = {
  host: "ip",
  port: "port",
  orchestrators: "n",
  sweepers: "n",
  matchmakers: "n",
  movers: "n",
  playservers: "n",
  basePort: "port",
  redisPort: "port",
  redisUrl: "url",
  queues: "file",
  keys: "file",
  partition: "name",
  webhooks: "file",
  databaseUrl: "url",
  data: "dir",
  logLevel: "level",
  for: "time",
};

export const registerUpCommand = (program: Command): void => {
  const command = program
    .command("up")
    .summary("start a whole Muster on this machine")
    .description(
      "Starts Redis, nginx and all services on this machine, waits until all are ready and shows what runs where.\n" +
        "A process that dies is started again. Ctrl-C stops everything in order; a second Ctrl-C kills at once.",
    );
  for (const name of SETTING_NAMES) {
    const { description = "", default: fallback } = UpSettings.properties[name] as {
      description?: string;
      default?: unknown;
    };
    const value = VALUES[name];
    const shownDefault = value !== undefined && fallback !== undefined ? `default: ${fallback}, ` : "";
    const flags = value === undefined ? flagOf(name) : `${flagOf(name)} <${value}>`;
    // Environment and defaults are read by readUpOptions, which reports all faults at once.
    command.addOption(new Option(flags, `${description} (${shownDefault}env: ${variableOf(name)})`));
  }
  command
    .addHelpText(
      "after",
      "\nExamples:\n  muster up\n  muster up --demo --for 60s\n  MUSTER_PORT=80 muster up --host 0.0.0.0",
    )
    .action(async (flags: Partial<Record<SettingName, string | boolean>>) => {
      process.exitCode = await up(flags);
    });
};

const up = async (flags: Partial<Record<SettingName, string | boolean>>): Promise<number> => {
  try {
    const { env, stdout, stderr } = process;
    // A reader that went away (`| head`, a closed terminal) is no reason to fall before everything is stopped in order.
    for (const stream of [stdout, stderr]) stream.on("error", () => {});
    return await runUp(readUpOptions(flags, env), {
      ...{ env, stdout, stderr, clock: systemClock },
      onSignal: (handle) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, handle);
      },
      exit: (code) => process.exit(code),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`muster up can't start:\n${error.faults.map((fault) => `  ${fault}`).join("\n")}`);
    return EXIT.config;
  }
};
