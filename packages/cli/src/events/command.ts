import { PARTITION_PATTERN } from "@muster/core";
import { parseRedisUrl, systemClock, withoutLogin } from "@muster/core/service";
import { isStoreUnavailable, openEventLog } from "@muster/store";
import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.ts";
import { partitionsOption } from "../partitions-option.ts";
import type { Output } from "../queues/check.ts";
import { parseFrom } from "./parse-from.ts";
import { printEvents, printEventsAsTheyHappen } from "./print-events.ts";

export interface EventsOptions {
  redisUrl: string;
  partition: readonly string[];
  follow?: boolean;
  from?: string;
  queue?: string;
  type?: string;
  json?: boolean;
}

/** Where `muster up` starts Redis unless told otherwise. */
const REDIS_URL = "redis://127.0.0.1:7379";
const DEFAULT_FROM = "-1h";

/** `muster events`: what happened, or happens. @returns the exit code */
export const showEvents = async (options: EventsOptions, output: Output, signal: AbortSignal): Promise<number> => {
  const given = options.from ?? (options.follow ? undefined : DEFAULT_FROM);
  const from = given === undefined ? undefined : parseFrom(given, systemClock.now());
  const faults = [
    ...(given !== undefined && !from ? [`--from: must be a time ago as -90s or -1h, an event's id, or 0`] : []),
    ...(parseRedisUrl(options.redisUrl)
      ? []
      : [
          "--redis-url (REDIS_URL): must be a URL as redis://host:6379, redis-sentinel://host:26379/master or redis-cluster://host:7000",
        ]),
    ...(options.partition.every((name) => new RegExp(PARTITION_PATTERN).test(name))
      ? []
      : ["--partition: is no partition's name"]),
  ];
  if (faults.length > 0) {
    for (const fault of faults) output.err(fault);
    return EXIT.config;
  }
  const show = async (partition: string) => {
    const log = await openEventLog({ url: options.redisUrl, partition, name: "muster-events" });
    try {
      const { queue, type, json = false } = options;
      const begin = from ?? (await log.end());
      const wanted = { from: begin, json, ...(queue !== undefined && { queue }), ...(type !== undefined && { type }) };
      if (options.follow) await printEventsAsTheyHappen(log, wanted, output, signal);
      else await printEvents(log, wanted, output);
    } finally {
      await log.close();
    }
  };
  try {
    // What happens is shown as it comes; what happened, one partition after the other.
    if (options.follow) await Promise.all(options.partition.map(show));
    else for (const partition of options.partition) await show(partition);
    return EXIT.ok;
  } catch (error) {
    if (!isStoreUnavailable(error)) throw error;
    output.err(`Redis can't be reached at ${withoutLogin(options.redisUrl)}; --redis-url says where it is`);
    return EXIT.failed;
  }
};

export const registerEventsCommand = (program: Command): void => {
  program
    .command("events")
    .summary("show what happens: every transition of tickets and matches")
    .description(
      "Prints what happened in the last hour, or with --follow what happens from now on, one line for each event.\n" +
        "Redis keeps about the last 200,000 events; when older ones are asked for, it says how much is gone.",
    )
    .option("--follow", "go on with what happens, until Ctrl-C")
    .option("--from <place>", "begin there: a time ago as -90s or -1h, behind an event's id, or 0 for the oldest")
    .option("--queue <name>", "only events of this queue")
    .option("--type <name>", "only events of this type, as matched")
    .option("--json", "one JSON object a line, with the event's id")
    .addOption(new Option("--redis-url <url>", "where Redis is").env("REDIS_URL").default(REDIS_URL))
    .addOption(partitionsOption("whose events"))
    .action(async (options: EventsOptions) => {
      const stop = new AbortController();
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort());
      // A reader that went away, as `| head` does, is no fault.
      process.stdout.on("error", () => stop.abort());
      process.exitCode = await showEvents(options, { out: console.log, err: console.error }, stop.signal);
    });
};
