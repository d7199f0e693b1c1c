import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type Queue } from "@muster/core";
import { readQueues } from "@muster/core/service";
import { BadOptionError } from "../load/bad-option.ts";
import { parseDuration } from "../load/duration.ts";
import { type JsonOption, LOAD_DEFAULTS } from "../load/options.ts";
import { shippedFile } from "../up/roles.ts";
import { balancedStartHour } from "./arrivals-day.ts";
import { ANY_TEAM, type WishWeights } from "./wishes.ts";

export interface SimulateOptions {
  /** The queue as each definition has it: one, or two to compare. */
  definitions: { file: string; queue: Queue }[];
  /** File of the population. */
  population: string;
  /** Players per second, the mean over a day. */
  ratePerS: number;
  forMs: number;
  /** The hour of the day at which the run begins; null: the same rate at all hours. */
  startHour: number | null;
  seed: number;
  /** A match lasts this long, or the queue's matchLengthMs if that is less. */
  matchForMs: number;
  /** From a search to the commit of its matches. */
  commitMs: number;
  /** Weights of parties of 1, 2, … players; null: each size half as frequent as the one before. */
  partyWeights: number[] | null;
  /** Weights of roles as first choices; null: those of which a team has few are asked for even less. */
  roleWeights: WishWeights | null;
  /** Weights of teams that tickets ask for by name, `any` among them; null: nobody asks for one. */
  teamWeights: WishWeights | null;
}

/** The options as the command line gives them. */
export interface RawSimulateOptions {
  queue?: string;
  population?: string;
  rate?: string;
  for?: string;
  queues?: string;
  definition?: string;
  seed?: string;
  matchFor?: string;
  commit?: string;
  parties?: string;
  roles?: string;
  teams?: string;
  start?: string;
  flat?: boolean;
  json?: JsonOption;
  html?: string;
}

export const SIMULATE_DEFAULTS = Object.freeze({
  queue: "duel",
  population: LOAD_DEFAULTS.population,
  queues: fileURLToPath(shippedFile("queues.json")),
  ratePerS: 5,
  forMs: 2 * 3_600_000,
  seed: 1,
  matchForMs: 600_000,
  commitMs: 5,
});

const RATE_UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
const WEEK_MS = 7 * 86_400_000;
/** Arrivals are drawn beforehand and every ticket is kept for the report. */
const MAX_ARRIVALS = 20_000_000;

/**
 * Turns texts into options, defaults filled in, and reads the queues files.
 *
 * @throws BadOptionError that names every faulty option
 */
export const parseSimulateOptions = async (
  raw: RawSimulateOptions,
): Promise<{ simulate: SimulateOptions; json?: JsonOption; html?: string }> => {
  const faults: string[] = [];
  const read = <Value>(
    flag: string,
    text: string | undefined,
    fallback: Value,
    parse: (text: string) => Value | undefined,
    wanted: string,
  ): Value => {
    const value = text === undefined ? fallback : parse(text);
    if (value !== undefined) return value;
    faults.push(`${flag}: "${text}" is not ${wanted}`);
    return fallback;
  };
  const duration = (leastMs: number, mostMs: number) => (text: string) => within(parseDuration(text), leastMs, mostMs);
  const { queue, queues, population, ratePerS, forMs, seed, matchForMs, commitMs } = SIMULATE_DEFAULTS;

  const runMs = read("--for", raw.for, forMs, duration(1_000, WEEK_MS), "a time from 1s to a week, such as 2h");
  const startHour = read(
    "--start",
    raw.start,
    balancedStartHour(runMs),
    parseHour,
    "an hour of the day, such as 20:00",
  );
  const simulate: SimulateOptions = {
    definitions: [],
    population: raw.population ?? population,
    ratePerS: read("--rate", raw.rate, ratePerS, parseRate, "players per second from 0.001 to 10000, such as 5/s"),
    forMs: runMs,
    startHour: raw.flat ? null : startHour,
    seed: read("--seed", raw.seed, seed, parseSeed, "a whole number from 0 to 4294967295"),
    matchForMs: read("--match-for", raw.matchFor, matchForMs, duration(0, WEEK_MS), "a time up to a week, such as 10m"),
    commitMs: read("--commit", raw.commit, commitMs, duration(0, 60_000), "a time up to a minute, such as 5ms"),
    partyWeights: read<number[] | null>("--parties", raw.parties, null, parseWeights, "weights such as 60,25,10,5"),
    roleWeights: read<WishWeights | null>("--roles", raw.roles, null, parseWishes, WISHES),
    teamWeights: read<WishWeights | null>("--teams", raw.teams, null, parseWishes, WISHES),
  };
  if (raw.flat && raw.start !== undefined) faults.push("--start: --flat knows no hours; leave one of them out");
  if ((simulate.ratePerS * simulate.forMs) / 1_000 > MAX_ARRIVALS) {
    faults.push(`--rate: with --for that makes more than ${MAX_ARRIVALS.toLocaleString("en-US")} arrivals`);
  }
  const files: [flag: string, file: string][] = [["--queues", raw.queues ?? queues]];
  if (raw.definition !== undefined) files.push(["--definition", raw.definition]);
  for (const [flag, file] of files) {
    const found = await readQueue(flag, file, raw.queue ?? queue);
    if (Array.isArray(found)) faults.push(...found);
    else simulate.definitions.push({ file, queue: found });
  }
  const largest = Math.min(...simulate.definitions.map((definition) => definition.queue.maxPartySize));
  if (simulate.partyWeights && simulate.partyWeights.length > largest) {
    faults.push(`--parties: the queue takes parties of up to ${largest}, so at most so many weights`);
  }
  for (const { queue: each } of simulate.definitions) {
    const roles = each.teamShapes.flatMap((shape) => Object.keys(shape.roles ?? {}));
    const teams = [ANY_TEAM, ...each.teamShapes.map(({ name }) => name)];
    faults.push(...unknownNames("--roles", simulate.roleWeights, roles));
    faults.push(...unknownNames("--teams", simulate.teamWeights, teams));
  }
  for (const [flag, file] of [
    ["--json", raw.json],
    ["--html", raw.html],
  ] as const) {
    if (typeof file === "string" && !(await isWritable(file)))
      faults.push(`${flag}: can't write to the folder of "${file}"`);
  }
  if (faults.length > 0) throw new BadOptionError(faults);
  return {
    simulate,
    ...(raw.json !== undefined && { json: raw.json }),
    ...(raw.html !== undefined && { html: raw.html }),
  };
};

const WISHES = "weights by name, such as tank=1,healer=1,dps=4";

const unknownNames = (flag: string, weights: WishWeights | null, known: readonly string[]): string[] =>
  Object.keys(weights ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => `${flag}: the queue has no "${name}". It has: ${[...new Set(known)].join(", ") || "none"}`);

/** @returns the queue, or what is wrong with the file */
const readQueue = async (flag: string, file: string, name: string): Promise<Queue | string[]> => {
  try {
    const queues = await readQueues(file);
    const queue = queues.get(name);
    return queue ?? [`--queue: ${file} has no queue "${name}". Its queues are: ${[...queues.keys()].join(", ")}`];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => `${flag}: ${fault}`);
  }
};

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined;

const parseRate = (text: string): number | undefined => {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text.trim()) ?? [];
  return within(Number(number) / (RATE_UNITS_S[unit] ?? Number.NaN), 0.001, 10_000);
};

const parseSeed = (text: string): number | undefined =>
  /^\d+$/.test(text) ? within(Number(text), 0, 2 ** 32 - 1) : undefined;

const parseHour = (text: string): number | undefined => {
  const [, hours, minutes = "0"] = /^(\d{1,2})(?::([0-5]\d))?$/.exec(text.trim()) ?? [];
  return hours !== undefined && Number(hours) < 24 ? Number(hours) + Number(minutes) / 60 : undefined;
};

const parseWeights = (text: string): number[] | undefined => {
  const weights = text.split(",").map((part) => (/^\d+(\.\d+)?$/.test(part.trim()) ? Number(part) : Number.NaN));
  return weights.every(Number.isFinite) && weights.some((weight) => weight > 0) ? weights : undefined;
};

const parseWishes = (text: string): WishWeights | undefined => {
  const parts = text.split(",").map((part) => /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(part.trim()));
  const weights = parts.map((part) => [part?.[1]?.trim() ?? "", Number(part?.[2] ?? Number.NaN)] as const);
  const isSound = weights.every(([, weight]) => Number.isFinite(weight)) && weights.some(([, weight]) => weight > 0);
  return isSound ? Object.fromEntries(weights) : undefined;
};

const isWritable = (file: string): Promise<boolean> =>
  access(dirname(file), constants.W_OK).then(
    () => true,
    () => false,
  );
