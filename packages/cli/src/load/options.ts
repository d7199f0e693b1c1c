import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { QUEUE_NAME_PATTERN } from "@muster/core";
import { BadOptionError } from "./bad-option.ts";
import { parseDuration } from "./duration.ts";

export interface LoadOptions {
  /** Where Muster is. */
  url: string;
  /** Where Muster has keys. */
  apiKey?: string | undefined;
  queue: string;
  /** Players per second. */
  rate: number;
  /** How long players arrive; Infinity: until the signal. */
  forMs: number;
  /** Share of the accepted tickets that is cancelled, 0 to 1. */
  cancelShare: number;
  /** File of the population. */
  population: string;
  /** The same seed offers the same load. Made from the time when absent. */
  seed?: number;
  /** How long to wait for the rest after the last arrival. */
  graceMs: number;
  /** How long a match lasts before the realm ends it. */
  matchForMs: number;
}

export const LOAD_DEFAULTS: Readonly<LoadOptions> = Object.freeze({
  url: "http://127.0.0.1:8080",
  queue: "duel",
  rate: 200,
  forMs: 60_000,
  cancelShare: 0.02,
  // Part of the repository, wherever the command is called from.
  population: new URL("../../../../data/population.csv.gz", import.meta.url).pathname,
  graceMs: 10_000,
  matchForMs: 5_000,
});

/** The options as the command line gives them: text, each only when it was written. */
export type RawLoadOptions = Partial<
  Record<
    "url" | "queue" | "rate" | "for" | "cancel" | "population" | "seed" | "grace" | "matchFor" | "apiKey",
    string | undefined
  >
> & { json?: JsonOption };

/** Where a report goes as JSON: into a file, or, with true, to standard output. */
export type JsonOption = string | true;

/**
 * Turns texts into options, defaults filled in.
 *
 * @throws BadOptionError that names every faulty option
 */
export const parseLoadOptions = async (raw: RawLoadOptions): Promise<{ load: LoadOptions; json?: JsonOption }> => {
  const faults: string[] = [];
  const read = <Value>(
    flag: string,
    text: string | undefined,
    fallback: Value,
    parse: (text: string) => Value | undefined,
    wanted: string,
  ): Value => {
    if (text === undefined) return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    faults.push(`${flag}: "${text}" is not ${wanted}`);
    return fallback;
  };
  const { url, queue, rate, forMs, cancelShare, graceMs, matchForMs, population } = LOAD_DEFAULTS;
  const duration = (leastMs: number) => (text: string) => within(parseDuration(text), leastMs, 7 * 86_400_000);
  const load: LoadOptions = {
    ...(raw.apiKey !== undefined && { apiKey: raw.apiKey }),
    url: read("--url", raw.url, url, parseUrl, "an http or https URL, such as http://127.0.0.1:8080"),
    queue: read("--queue", raw.queue, queue, parseQueueName, "a queue's name, such as duel"),
    rate: read("--rate", raw.rate, rate, (text) => within(number(text), 0.01, 100_000), "a number from 0.01 to 100000"),
    forMs: read("--for", raw.for, forMs, duration(100), "a time from 100ms to a week, such as 60s or 2m"),
    cancelShare: read("--cancel", raw.cancel, cancelShare, (text) => within(number(text), 0, 1), "a share from 0 to 1"),
    population: raw.population ?? population,
    graceMs: read("--grace", raw.grace, graceMs, duration(0), "a time up to a week, such as 10s"),
    matchForMs: read("--match-for", raw.matchFor, matchForMs, duration(0), "a time up to a week, such as 5s"),
  };
  if (raw.seed !== undefined) load.seed = read("--seed", raw.seed, 0, parseSeed, "a whole number from 0 to 4294967295");
  if (typeof raw.json === "string" && !(await isWritable(raw.json))) {
    faults.push(`--json: can't write to the folder of "${raw.json}"`);
  }
  if (faults.length > 0) throw new BadOptionError(faults);
  return { load, ...(raw.json !== undefined && { json: raw.json }) };
};

const number = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined);

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined;

const parseSeed = (text: string): number | undefined =>
  /^\d+$/.test(text) ? within(Number(text), 0, 2 ** 32 - 1) : undefined;

const parseUrl = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;

const parseQueueName = (text: string): string | undefined =>
  new RegExp(QUEUE_NAME_PATTERN).test(text) ? text : undefined;

const isWritable = (file: string): Promise<boolean> =>
  access(dirname(file), constants.W_OK).then(
    () => true,
    () => false,
  );
