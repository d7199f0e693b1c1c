/**
 * The one way in: `node scripts/bootstrap.mjs <up|test|bench|bench:quick|faults|fuzz|deploy|muster> [arguments…]`, usually through npm.
 *
 * Looks at what the machine lacks (npm packages, Redis or Valkey, nginx, for tests PostgreSQL), says what it will install, installs it, and
 * hands over to Node 24, which came with the npm packages. Says nothing when everything is there. Plain JavaScript
 * without dependencies, because it runs before there are any, on whatever Node the machine has.
 *
 * package.json calls it with `exec`: the shell that npm starts would otherwise stand between npm and us, die of the
 * signals that npm passes on, and leave the system running.
 */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { probeMachine, projectNode, widerPath } from "./bootstrap/machine.mjs";
import * as messages from "./bootstrap/messages.mjs";
import { canDoWithout, planSetUp } from "./bootstrap/plan.mjs";
import { runCommand } from "./bootstrap/run-command.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules/.bin");
/** Where Node keeps what it has compiled: a service, of which there are many, then starts in half the time. */
const COMPILED = join(ROOT, "node_modules/.cache/compiled");

/** @type {Record<string, string[]>} */
const TARGETS = {
  up: ["packages/cli/src/main.ts", "up"],
  muster: ["packages/cli/src/main.ts"],
  bench: ["bench/main.ts"],
  "bench:quick": ["bench/quick.ts"],
  faults: ["test/faults/main.ts"],
  fuzz: ["node_modules/vitest/vitest.mjs", "run", "--project", "e2e", "test/fuzz"],
  test: ["scripts/run-tests.mjs"],
  deploy: ["node_modules/vitest/vitest.mjs", "run", "--project", "deploy"],
};

process.exitCode = await main(process.argv.slice(2), process.env);

/**
 * @param {string[]} argv
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<number>} The exit code
 */
async function main([command = "", ...args], env) {
  const target = TARGETS[command];
  if (Number.parseInt(process.versions.node, 10) < 20) return refuse(messages.nodeTooOld(process.versions.node));
  if (process.platform === "win32") return refuse(messages.NOT_ON_WINDOWS);
  if (target === undefined) return refuse(messages.USAGE, 2);

  const code = await setUp(command, args, env);
  return code === 0 ? handOver([...target, ...args], env) : code;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<number>} 0 when everything is there now
 */
async function setUp(command, args, env) {
  const plan = planSetUp(command, args, probeMachine(ROOT, env));
  if (plan.needs.length === 0) return 0;
  if (isOn(env.MUSTER_NO_INSTALL)) return cannot(messages.onlyPrinted(plan), plan);
  if (plan.obstacle !== null) return cannot(messages.cannotInstall(plan), plan);

  console.error(messages.aboutToRun(plan));
  for (const step of plan.commands) {
    const { exitCode, stoppedBy } = await install(step, env);
    if (stoppedBy !== null) return exitCode || 1;
    if (exitCode !== 0) return cannot(messages.commandFailed(step, `exit code ${exitCode}`, plan), plan);
  }
  const after = planSetUp(command, args, probeMachine(ROOT, env));
  return after.needs.length === 0 ? 0 : cannot(messages.stillMissing(after), after);
}

/**
 * @param {string} message Why something is missing
 * @param {import("./bootstrap/plan.mjs").Plan} plan
 */
function cannot(message, plan) {
  if (!canDoWithout(plan)) return refuse(message);
  console.error(`${message}\n${messages.WITHOUT_CONTAINERS}`);
  return 0;
}

/**
 * @param {string[]} command
 * @param {Record<string, string | undefined>} env
 */
function install(command, env) {
  console.error(`\n> ${command.join(" ")}`);
  // `npm start` puts our .bin first on PATH: npm must not run on a Node that it is about to delete.
  const path = widerPath(env.PATH);
  const PATH = path
    .split(delimiter)
    .filter((folder) => folder !== BIN)
    .join(delimiter);
  // What installers print is not part of the program's own output, so it goes to stderr (2).
  return runCommand(command, { env: { ...env, PATH }, cwd: ROOT, ownSession: false, stdio: ["inherit", 2, "inherit"] });
}

/**
 * @param {string[]} target
 * @param {Record<string, string | undefined>} env
 */
async function handOver([script = "", ...args], env) {
  const PATH = widerPath([BIN, env.PATH].join(delimiter));
  try {
    const { exitCode } = await runCommand([projectNode(ROOT), join(ROOT, script), ...args], {
      env: { NODE_COMPILE_CACHE: COMPILED, ...env, PATH },
    });
    return exitCode;
  } catch (error) {
    return refuse(messages.cannotStart(error instanceof Error ? error.message : String(error)));
  }
}

/** @param {string | undefined} flag */
function isOn(flag) {
  return flag !== undefined && !["", "0", "false", "no"].includes(flag.toLowerCase());
}

/**
 * @param {string} message
 * @param {number} [exitCode]
 */
function refuse(message, exitCode = 1) {
  console.error(message);
  return exitCode;
}
