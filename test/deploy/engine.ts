import { type ChildProcess, execFile, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const START_LIMIT_MS = 30_000;

/** Runs a program to its end. @returns what it printed to stdout @throws when it fails or takes too long */
export const call = async (
  program: string,
  args: readonly string[],
  { timeoutMs = 60_000, env = process.env, cwd }: { timeoutMs?: number; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> => {
  const options = { timeout: timeoutMs, env, maxBuffer: 64 * 2 ** 20, ...(cwd !== undefined && { cwd }) };
  const { stdout } = await run(program, [...args], options);
  return stdout.trim();
};

export interface Engine {
  /** Stops it if it was started here. */
  stop(): Promise<void>;
}

/** The Docker engine of this machine, started where none runs. Undefined, with the reason printed, where none can run. */
export const startEngine = async (): Promise<Engine | undefined> => {
  if (await answers()) return { stop: async () => {} };
  const said: string[] = [];
  let engine: ChildProcess | undefined;
  try {
    engine = spawn("dockerd", [], { stdio: ["ignore", "ignore", "pipe"] });
    engine.on("error", (error) => said.push(String(error)));
    engine.stderr?.on("data", (text) => said.splice(0, said.length - 20, String(text)));
    const until = Date.now() + START_LIMIT_MS;
    while (Date.now() < until && engine.exitCode === null) {
      await sleep(500);
      if (await answers()) return { stop: () => stopped(engine) };
    }
  } catch (error) {
    said.push(String(error));
  }
  await stopped(engine);
  console.error(`No Docker engine can run here, so containers are NOT tested:\n${said.slice(-5).join("")}`);
  return undefined;
};

const answers = (): Promise<boolean> =>
  call("docker", ["info"], { timeoutMs: 5_000 }).then(
    () => true,
    () => false,
  );

const stopped = async (engine: ChildProcess | undefined): Promise<void> => {
  if (!engine || engine.exitCode !== null || engine.pid === undefined) return;
  const gone = new Promise((resolve) => engine.once("exit", resolve));
  engine.kill("SIGTERM");
  await Promise.race([gone, sleep(20_000)]);
};
