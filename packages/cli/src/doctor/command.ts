import { ConfigError, PARTITION_PATTERN, partitionsOf, type Queues } from "@muster/core";
import { parseRedisUrl, readQueues, withoutLogin } from "@muster/core/service";
import { isStoreUnavailable } from "@muster/store";
import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.ts";
import { partitionsOption } from "../partitions-option.ts";
import type { Output } from "../queues/check.ts";
import { diagnosisLines } from "./diagnosis-lines.ts";
import { isWell, runDoctor } from "./run-doctor.ts";

export interface DoctorCommandOptions {
  redisUrl: string;
  /** Of nginx; absent: not looked at. */
  url?: string;
  apiKey?: string | undefined;
  /** The deployment's own first; those of the queues file are looked at too. */
  partition: readonly string[];
  deep?: boolean;
  repair?: boolean;
  json?: boolean;
  /** A queues file. */
  queues?: string;
}

/** Where `muster up` starts Redis unless told otherwise. */
const REDIS_URL = "redis://127.0.0.1:7379";

/** `muster doctor`: what is wrong, and how to mend it. @returns the exit code */
export const doctor = async (options: DoctorCommandOptions, output: Output): Promise<number> => {
  const { redisUrl, url, apiKey, partition, deep = false, repair = false, json = false } = options;
  const { queues, faults: queueFaults } = await readQueuesIfGiven(options.queues, partition[0]);
  const faults = [
    ...(url === undefined || /^https?:\/\/./.test(url)
      ? []
      : ["--url: must be where nginx answers, as http://127.0.0.1:8080; where Redis is says --redis-url"]),
    ...(parseRedisUrl(redisUrl)
      ? []
      : [
          "--redis-url (REDIS_URL): must be a URL as redis://host:6379, redis-sentinel://host:26379/master or redis-cluster://host:7000",
        ]),
    ...(partition.every((name) => new RegExp(PARTITION_PATTERN).test(name))
      ? []
      : ["--partition: is no partition's name"]),
    ...queueFaults,
  ];
  if (faults.length > 0) {
    for (const fault of faults) output.err(fault);
    return EXIT.config;
  }
  try {
    const address = url === undefined ? undefined : { url, apiKey };
    const own = queues && partition[0] !== undefined ? partitionsOf(queues, partition[0]).keys() : [];
    const partitions = [...new Set([...partition, ...own])];
    const diagnosis = await runDoctor({ redisUrl, address, partitions, deep: deep || repair, repair, queues });
    if (json) output.out(JSON.stringify({ well: isWell(diagnosis), ...diagnosis }));
    else for (const line of diagnosisLines(diagnosis)) output.out(line);
    return isWell(diagnosis) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!isStoreUnavailable(error)) throw error;
    output.err(`Redis can't be reached or used at ${withoutLogin(redisUrl)}; --redis-url says where it is`);
    return EXIT.failed;
  }
};

const readQueuesIfGiven = async (
  file: string | undefined,
  home: string | undefined,
): Promise<{ queues?: Queues; faults: string[] }> => {
  if (file === undefined) return { faults: [] };
  try {
    return { queues: await readQueues(file, home), faults: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { faults: error.faults.map(String) };
  }
};

export const registerDoctorCommand = (program: Command): void => {
  program
    .command("doctor")
    .summary("find what is wrong with a running system and with what is kept in Redis, and mend it")
    .description(
      "Looks at Redis' version and settings, the clocks, whether changes are announced, whether all services live, a\n" +
        "mover leads and queues are swept; with --url also at nginx. With --deep it also reads every player, ticket,\n" +
        "match and index, on a running system too, and leaves what it finds for the monitor to show. Ends with 1 when\n" +
        "something is wrong and was not mended.",
    )
    .option("--deep", "also look at everything that is kept: three looks at whatever seems wrong")
    .option("--repair", "mend what can be mended safely, and say so; implies --deep")
    .option("--json", "one JSON object")
    .option(
      "--url <url>",
      "where nginx answers, as http://127.0.0.1:8080: look there too, with MUSTER_API_KEY if given",
    )
    .addOption(new Option("--redis-url <url>", "where Redis is").env("REDIS_URL").default(REDIS_URL))
    .addOption(partitionsOption("whose keys, besides those of the queues file; the deployment's own first"))
    .addOption(
      new Option("--queues <file>", "definitions, to put tickets back where searches find them").env("MUSTER_QUEUES"),
    )
    .action(async (options: DoctorCommandOptions) => {
      process.exitCode = await doctor(
        { ...options, apiKey: process.env.MUSTER_API_KEY },
        { out: console.log, err: console.error },
      );
    });
};
