/** What the bootstrap tells people. */
import { MIN_REDIS_MAJOR } from "./plan.mjs";

export const USAGE = `Usage: node scripts/bootstrap.mjs <up|test|bench|bench:quick|faults|fuzz|deploy|muster> [arguments…]
Usually called through npm: npm start, npm test, npm run bench, npm run bench:quick,
npm run muster.`;

/** @param {string} version */
export function nodeTooOld(version) {
  return `Muster's set-up needs Node 20 or newer, and this is Node ${version}.
Get a newer one from https://nodejs.org, or from your system's packages, and run the same command again.`;
}

export const NOT_ON_WINDOWS = `Muster runs on Linux and macOS. On Windows, use WSL, or run it in containers: docker compose up`;

export const WITHOUT_CONTAINERS = "So containers are NOT tested.";

/** @param {import("./plan.mjs").Plan} plan */
export function aboutToRun(plan) {
  return [
    ...missing(plan),
    "So these commands will run now (with MUSTER_NO_INSTALL=1 they would only be printed):",
    ...commandLines(plan.commands),
    ...aboutServices(plan),
  ].join("\n");
}

/** @param {import("./plan.mjs").Plan} plan */
export function onlyPrinted(plan) {
  return [
    ...missing(plan),
    "Nothing was installed, because MUSTER_NO_INSTALL is set.",
    ...(plan.commands.length > 0 ? ["These commands would do it:", ...commandLines(plan.commands)] : []),
    ...aboutServices(plan),
    ...(plan.obstacle === null ? [] : [`Muster could not run them here: ${plan.obstacle}.`]),
    ...otherWays(plan.needs),
  ].join("\n");
}

/** @param {import("./plan.mjs").Plan} plan */
export function cannotInstall(plan) {
  return [
    ...missing(plan),
    `Muster can't install them here: ${plan.obstacle}.`,
    ...(plan.commands.length > 0 ? ["Somebody who may can run:", ...commandLines(plan.commands)] : []),
    ...otherWays(plan.needs),
  ].join("\n");
}

/**
 * @param {string[]} command
 * @param {string} outcome "exit code 100"
 * @param {import("./plan.mjs").Plan} plan
 */
export function commandFailed(command, outcome, plan) {
  return [
    `\nThis command failed with ${outcome}; the lines above say why:`,
    ...commandLines([command]),
    "Once that is fixed, run the same again: it goes on where it stopped.",
    ...otherWays(plan.needs),
  ].join("\n");
}

/** @param {import("./plan.mjs").Plan} plan What is missing after everything was installed */
export function stillMissing(plan) {
  const noNode = plan.needs.some(({ id }) => id === "npm");
  return [
    "\nEverything was installed, but something is still missing:",
    ...needLines(plan.needs),
    ...(noNode
      ? ["If npm's install scripts are switched off, this brings Node 24: npm rebuild node --ignore-scripts=false"]
      : []),
    ...otherWays(plan.needs),
  ].join("\n");
}

/** @param {string} reason */
export function cannotStart(reason) {
  return `Node 24 from node_modules does not start on this machine (${reason}).
It is built for Linux with glibc and for macOS; on Alpine, run Muster in a container: docker compose up`;
}

/** @param {import("./plan.mjs").Plan} plan */
function missing(plan) {
  return ["Muster needs a few things that are not here yet:", ...needLines(plan.needs)];
}

/** @param {import("./plan.mjs").Need[]} needs */
function needLines(needs) {
  return needs.map(({ what, why }) => `  - ${what}: ${why}`);
}

/** @param {string[][]} commands */
function commandLines(commands) {
  return commands.map((command) => `  ${command.join(" ")}`);
}

const DEBIAN_SERVICES = { redis: "redis-server", nginx: "nginx", postgres: "postgresql", prometheus: "prometheus" };

/**
 * Debian starts what it installs; Muster runs its own on other ports, and never stops what it did not start.
 * @param {import("./plan.mjs").Plan} plan
 */
function aboutServices({ needs, commands }) {
  if (!commands.some((command) => command.includes("apt-get"))) return [];
  const services = needs
    .flatMap(({ id }) => (id === "npm" || id === "chromium" || id === "docker" ? [] : [DEBIAN_SERVICES[id]]))
    .join(" ");
  if (services === "") return [];
  return [
    "Debian may also start them as system services, on their usual ports. Muster does not use those;",
    `if you don't either: systemctl disable --now ${services}`,
  ];
}

/** @param {import("./plan.mjs").Need[]} needs */
function otherWays(needs) {
  const servers = needs.filter(({ id }) => id !== "npm").map(({ what }) => what);
  if (servers.length === 0) return [];
  const noRedis = needs.some(({ id }) => id === "redis");
  return [
    "Other ways:",
    `  - install by hand, so that it is on PATH: ${servers.join("; ")}`,
    ...(noRedis
      ? [`  - use a Redis ${MIN_REDIS_MAJOR} or newer that you have: REDIS_URL=redis://host:6379 npm start`]
      : []),
    "  - run everything in containers: docker compose up",
  ];
}
