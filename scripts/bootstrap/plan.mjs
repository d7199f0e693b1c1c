/**
 * What this machine still lacks, and the commands that would bring it. Everything here is decided from probes,
 * so that every kind of machine can be tested on one; nothing here runs a command or prints.
 *
 * @typedef {object} Probes What may be asked of the machine
 * @property {Record<string, string | undefined>} env
 * @property {boolean} isRoot
 * @property {boolean} isInteractive Somebody is there to type a sudo password
 * @property {(program: string) => string | null} which The program's full path; null when it is not there
 * @property {(path: string) => string | null} versionOf What `path --version` prints; null when it fails
 * @property {import("./npm-packages.mjs").LockFile | null} lock package-lock.json; null when it is missing or unreadable
 * @property {import("./npm-packages.mjs").LockFile | null} installed npm's own record of node_modules; null before the first install
 * @property {boolean} hasProjectNode The Node 24 inside node_modules is there
 *
 * @typedef {object} Need
 * @property {"npm" | "redis" | "nginx" | "postgres" | "chromium" | "prometheus" | "docker"} id
 * @property {string} what In words: "Redis or Valkey 7 or newer"
 * @property {string} why "not found on this machine"
 *
 * @typedef {object} Plan
 * @property {Need[]} needs Empty when everything is there
 * @property {string[][]} commands What to run, in order, each as an argument list
 * @property {string | null} obstacle Why the commands can't be run here; null when they can
 */
import { npmPackagesNeed } from "./npm-packages.mjs";
import { installCommands } from "./system-packages.mjs";

export const MIN_REDIS_MAJOR = 7;
const REDIS_SERVERS = [
  { name: "Redis", program: "redis-server" },
  { name: "Valkey", program: "valkey-server" },
];

const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

/** `--loglevel=error`: npm would warn that the packages want a newer Node than the one that runs npm. Node 24 is one of them. */
export const NPM_CI = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"];

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Probes} probes
 * @returns {Plan}
 */
export function planSetUp(command, args, probes) {
  const npm = npmPackagesNeed(probes);
  const servers = runsServers(command, args)
    ? [
        bringsOwnRedis(command, args, probes.env) ? null : redisNeed(probes),
        nginxNeed(probes),
        command === "test" ? postgresNeed(probes) : null,
        command === "test" ? browserNeed(probes) : null,
        command === "test" ? promtoolNeed(probes) : null,
        testsContainers(command, probes.env) ? dockerNeed(probes) : null,
      ].filter((need) => need !== null)
    : [];
  const system = installCommands(
    servers.map((need) => need.id),
    probes,
  );
  const npmObstacle = npm && probes.which("npm") === null ? "npm was not found (it comes with Node)" : null;
  return {
    needs: npm ? [npm, ...servers] : servers,
    commands: npm ? [NPM_CI, ...system.commands] : system.commands,
    obstacle: npmObstacle ?? system.obstacle,
  };
}

/**
 * Whether all that is missing is an engine: where none can be had, the test of the containers says so and tests nothing.
 * @param {Plan} plan
 */
export function canDoWithout({ needs }) {
  return needs.every(({ id }) => id === "docker");
}

/**
 * By themselves, or last of all tests, as CI has them.
 * @param {string} command
 * @param {Record<string, string | undefined>} env
 */
function testsContainers(command, env) {
  return command === "deploy" || (command === "test" && env.MUSTER_TEST_DEPLOY === "1");
}

/**
 * Only `muster up` starts Redis and nginx; the other subcommands of `muster` talk to a system that runs elsewhere.
 * @param {string} command
 * @param {string[]} args
 */
function runsServers(command, args) {
  return command !== "muster" || args[0] === "up";
}

/**
 * Another Redis stands in for ours only in a running system: tests and benchmarks start and kill their own.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 */
function bringsOwnRedis(command, args, env) {
  const isGiven = Boolean(env.REDIS_URL) || args.some((arg) => /^--redis-url(=|$)/.test(arg));
  return isGiven && (command === "up" || command === "muster");
}

/**
 * Valkey is Redis under another name, and either will do.
 * @param {Probes} probes
 * @returns {Need | null}
 */
function redisNeed(probes) {
  const what = `Redis or Valkey ${MIN_REDIS_MAJOR} or newer`;
  const tooOld = [];
  for (const { name, program } of REDIS_SERVERS) {
    const path = probes.which(program);
    if (path === null) continue;
    const version = serverVersion(probes.versionOf(path) ?? "");
    if (version !== null && Number.parseInt(version, 10) >= MIN_REDIS_MAJOR) return null;
    tooOld.push(version === null ? `${path} does not tell its version` : `${name} ${version} is too old`);
  }
  return { id: "redis", what, why: tooOld.join(", ") || "not found on this machine" };
}

/**
 * @param {Probes} probes
 * @returns {Need | null}
 */
function nginxNeed(probes) {
  return probes.which("nginx") === null ? { id: "nginx", what: "nginx", why: "not found on this machine" } : null;
}

/**
 * Only the tests start a PostgreSQL; the archiver works with one that runs elsewhere.
 * @param {Probes} probes
 * @returns {Need | null}
 */
function postgresNeed(probes) {
  return probes.which("initdb") === null
    ? { id: "postgres", what: "PostgreSQL, for the tests", why: "not found on this machine" }
    : null;
}

/**
 * Only the tests open pages.
 * @param {Probes} probes
 * @returns {Need | null}
 */
function browserNeed(probes) {
  return BROWSERS.every((program) => probes.which(program) === null)
    ? { id: "chromium", what: "Chromium, for the tests", why: "not found on this machine" }
    : null;
}

/**
 * Only the tests check alert rules.
 * @param {Probes} probes
 * @returns {Need | null}
 */
function promtoolNeed(probes) {
  return probes.which("promtool") === null
    ? { id: "prometheus", what: "Prometheus' promtool, for the tests", why: "not found on this machine" }
    : null;
}

/**
 * Only the test of the containers needs an engine, and where it can't pull images debootstrap, to make some.
 * @param {Probes} probes
 * @returns {Need | null}
 */
function dockerNeed(probes) {
  const missing = ["docker", "dockerd", "docker-compose", "debootstrap"].filter((name) => probes.which(name) === null);
  if (missing.length === 0) return null;
  return {
    id: "docker",
    what: "a Docker engine, for the test of the containers",
    why: `there is no ${missing.join(", no ")}`,
  };
}

/**
 * "7.0.15" from "Redis server v=7.0.15 sha=00000000:0 …"; null when there is no version in the text.
 * @param {string} text
 */
export function serverVersion(text) {
  return /\bv=(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? null;
}
