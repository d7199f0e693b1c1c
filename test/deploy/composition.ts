import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadReport } from "@muster/cli";
import { call } from "./engine.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COMPOSE_LIMIT_MS = 240_000;
const LOAD_LIMIT_MS = 400_000;
const OURS = (project: string) => `label=com.docker.compose.project=${project}`;
/** So that the same players come each time. */
const SEED = "5";

/** docker-compose.yml as it ships, under a project name of its own. */
export interface Composition {
  /** What the file reads from the environment. */
  env: NodeJS.ProcessEnv;
  compose(...args: string[]): Promise<string>;
  /** Ids of a service's containers, the oldest last. */
  containersOf(service: string): Promise<string[]>;
  /** In words of the engine, such as "Up 3 seconds (healthy)": of each container by its service and number. */
  states(): Promise<Record<string, string>>;
  /** Ends its first process by itself, unlike `docker kill`, after which the engine starts nothing again. */
  end(container: string, signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** The one that leads now; undefined while none does. */
  leadingMover(): Promise<string | undefined>;
  /**
   * `muster load` in a container of the image, by nginx's published port. Its arrivals end, as by Ctrl-C, when `until`
   * resolves, or after what `args` say. @returns its report, whatever its exit code
   */
  load(url: string, args: readonly string[], until?: Promise<unknown>): Promise<LoadReport>;
  /** Ends and removes everything at once, a load that was left included. Succeeds if nothing is there. */
  remove(): Promise<void>;
  /** Containers, volumes and networks that are there. */
  remains(): Promise<string[]>;
}

export const createComposition = (project: string, env: NodeJS.ProcessEnv): Composition => {
  const ours = ["--filter", OURS(project)];
  const lines = async (args: readonly string[]) =>
    (await call("docker", args)).split("\n").filter((line) => line !== "");
  const running = (service: string) =>
    lines(["ps", "-q", "--no-trunc", ...ours, "--filter", `label=com.docker.compose.service=${service}`]);
  const inspect = (container: string, field: string) => call("docker", ["inspect", "-f", `{{${field}}}`, container]);
  const compose = (...args: string[]) =>
    call("docker-compose", ["-p", project, "-f", `${ROOT}docker-compose.yml`, ...args], {
      ...{ env: { ...process.env, ...env }, cwd: ROOT, timeoutMs: COMPOSE_LIMIT_MS },
    });
  return {
    env,
    compose,
    containersOf: running,
    async states() {
      const label = (name: string) => `{{.Label "com.docker.compose.${name}"}}`;
      const format = `${label("service")}-${label("container-number")} {{.Status}}`;
      const all = await lines(["ps", "-a", ...ours, "--format", format]);
      return Object.fromEntries(all.map((line) => line.split(/ (.*)/s).slice(0, 2)));
    },
    async end(container, signal) {
      const pid = Number(await inspect(container, ".State.Pid"));
      // 0 would be our own processes.
      if (pid === 0) throw new Error(`the container ${container} doesn't run`);
      process.kill(pid, signal);
    },
    async leadingMover() {
      const ask = "fetch('http://127.0.0.1:7400/readyz').then((r) => r.json()).then((r) => console.log(r.leader))";
      for (const mover of await running("mover")) {
        const answer = await call("docker", ["exec", mover, "node", "-e", ask]).catch(() => "");
        if (answer === "true") return mover;
      }
      return undefined;
    },
    async load(url, args, until) {
      const folder = await mkdtemp(join(tmpdir(), "muster-load-"));
      try {
        // For user 1000, as whom the image runs.
        await chmod(folder, 0o777);
        const name = `${project}-load`;
        const label = OURS(project).slice("label=".length);
        const run = [
          "run",
          "--rm",
          "--no-healthcheck",
          "--network",
          "host",
          "--name",
          name,
          "--label",
          label,
          "-v",
          `${folder}:/out`,
        ];
        const load = ["muster", "load", "--url", url, "--seed", SEED, "--json", "/out/report.json", ...args];
        const ended = call("docker", [...run, env.MUSTER_IMAGE ?? "", ...load], { timeoutMs: LOAD_LIMIT_MS });
        until?.catch(() => {}).then(() => call("docker", ["kill", "-s", "INT", name]).catch(() => {}));
        // It fails where somebody is lost: the report says more.
        const said = await ended.catch(String);
        const report = await readFile(join(folder, "report.json"), "utf8").catch(() => undefined);
        if (report === undefined) throw new Error(`muster load made no report: ${said}`);
        return JSON.parse(report);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async remove() {
      const all = await lines(["ps", "-aq", ...ours]);
      if (all.length > 0) await call("docker", ["rm", "-f", ...all]);
      await compose("down", "-v");
    },
    async remains() {
      const kinds = [
        ["ps", "-a"],
        ["volume", "ls"],
        ["network", "ls"],
      ];
      return (await Promise.all(kinds.map((kind) => lines([...kind, "-q", ...ours])))).flat();
    },
  };
};

/** Builds the image as docs/deploy.md says. @returns what removes it, and what only its making left */
export const buildImage = async (tag: string, nodeImage: string, timeoutMs: number): Promise<() => Promise<void>> => {
  const dangling = async () => (await call("docker", ["images", "-q", "-f", "dangling=true"])).split("\n");
  const before = new Set(await dangling());
  // By the machine's own network, where a registry of npm may be reached that containers don't reach.
  const build = ["build", "--network", "host", "-f", "deploy/Dockerfile", "--build-arg", `NODE_IMAGE=${nodeImage}`];
  await call("docker", [...build, "-t", tag, "."], { cwd: ROOT, timeoutMs });
  return async () => {
    const stages = (await dangling()).filter((id) => !before.has(id));
    await call("docker", ["rmi", "-f", tag, ...stages]);
  };
};
