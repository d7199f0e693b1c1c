import { fileURLToPath } from "node:url";
import { LOAD_DEFAULTS, runLoad } from "@muster/cli";
import { systemClock } from "@muster/core/service";
import { freePort } from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { faultsOf, NO_FAULTS } from "../support/system.ts";
import { prepareBaseImages } from "./base-images.ts";
import { call, type Engine, startEngine } from "./engine.ts";

/** docker-compose.yml as it ships: built, brought up, loaded, hurt, scaled and taken down. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROJECT = "mustertest";
const BUILD_LIMIT_MS = 600_000;
const limit = { timeout: 60_000, interval: 1_000 };

const engine: Engine | undefined = await startEngine();
let env: NodeJS.ProcessEnv;
let url: string;

const compose = (...args: string[]) =>
  call("docker-compose", ["-p", PROJECT, "-f", `${ROOT}docker-compose.yml`, ...args], {
    ...{ env, cwd: ROOT, timeoutMs: 180_000 },
  });
const nameOf = (service: string, number = 1) => `${PROJECT}_${service}_${number}`;
const states = async (): Promise<Record<string, string>> => {
  const format = "{{.Names}} {{.Status}}";
  const lines = await call("docker", [
    "ps",
    "-a",
    "--filter",
    `label=com.docker.compose.project=${PROJECT}`,
    "--format",
    format,
  ]);
  return Object.fromEntries(lines.split("\n").map((line) => line.split(/ (.*)/s).slice(0, 2)));
};
const statusOf = (path: string): Promise<number> =>
  fetch(url + path, { signal: AbortSignal.timeout(3_000) }).then(
    ({ status }) => status,
    () => 0,
  );
const load = (forMs: number, rate = 60) =>
  runLoad({ ...LOAD_DEFAULTS, url, rate, forMs, seed: 5, matchForMs: 1_000 }, { clock: systemClock });

describe.skipIf(!engine)("docker-compose.yml", { timeout: 180_000 }, () => {
  beforeAll(async () => {
    const base = await prepareBaseImages();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    env = {
      ...process.env,
      ...{ MUSTER_IMAGE: "muster-test", REDIS_IMAGE: base.redis, NGINX_IMAGE: base.nginx, MUSTER_PORT: String(port) },
    };
    const build = ["build", "--network", "host", "-f", "deploy/Dockerfile", "--build-arg", `NODE_IMAGE=${base.node}`];
    await call("docker", [...build, "-t", "muster-test", "."], { cwd: ROOT, timeoutMs: BUILD_LIMIT_MS });
    await compose("up", "-d", "--no-build");
    await vi.waitFor(async () => expect(await statusOf("/readyz")).toBe(200), limit);
  }, BUILD_LIMIT_MS + 300_000);
  afterAll(async () => {
    await compose("down", "-v", "--timeout", "20").catch(() => {});
    await call("docker", ["rmi", "-f", "muster-test"]).catch(() => {});
    await engine?.stop();
  }, 120_000);

  it("runs two of what may be two, each healthy, and lets in nobody but through nginx", async () => {
    await expect
      .poll(async () => Object.values(await states()).filter((state) => state.includes("(healthy)")).length, limit)
      .toBeGreaterThanOrEqual(11);
    const ports = await call("docker", [
      "ps",
      "--filter",
      `label=com.docker.compose.project=${PROJECT}`,
      "--format",
      "{{.Names}} {{.Ports}}",
    ]);
    const published = ports.split("\n").filter((line) => line.includes("->"));
    expect(published).toHaveLength(1);
    expect(published[0]).toMatch(/_nginx_1 127\.0\.0\.1:\d+->8080\/tcp/);
  });

  it("runs without root, without rights, and on a file system that can't be written to", async () => {
    const inside = ["exec", nameOf("orchestrator"), "sh", "-c"];
    expect(
      await call("docker", [...inside, "id -u; grep CapEff /proc/1/status; touch /muster/x || echo read-only"]),
    ).toMatch(/^1000\nCapEff:\s+0+\nread-only$/);
  });

  it("matches players", async () => {
    const report = await load(5_000);
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(200);
    expect(await statusOf("/")).toBe(200);
  });

  it("loses nobody when a matchmaker, the leading mover and Redis go and come back", async () => {
    const loading = load(15_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await call("docker", ["kill", nameOf("matchmaker")]);
    await call("docker", ["kill", nameOf("mover")]);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await call("docker", ["start", nameOf("matchmaker"), nameOf("mover")]);
    await call("docker", ["restart", "-t", "5", nameOf("redis")]);
    const { lost, duplicates, invalid, matched } = await loading;
    expect({ lost, duplicates, invalid }).toEqual({ lost: 0, duplicates: 0, invalid: 0 });
    expect(matched).toBeGreaterThan(200);
  });

  it("takes in more orchestrators, which nginx finds when it is told to reload", async () => {
    await compose("up", "-d", "--no-build", "--scale", "orchestrator=3");
    const answering = async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(`${url}/v1/queues`)));
      return new Set(answers.map(({ headers }) => headers.get("x-muster-instance"))).size;
    };
    await expect.poll(async () => (await states())[nameOf("orchestrator", 3)], limit).toContain("(healthy)");
    await call("docker", [
      "exec",
      nameOf("nginx"),
      ...["nginx", "-p", "/tmp", "-c", "/etc/muster/nginx.conf", "-s", "reload"],
    ]);
    await expect.poll(answering, limit).toBe(3);
  });

  it("stops in order, by its own will", async () => {
    await compose("stop", "-t", "20");
    const codes = await call("docker", [
      "ps",
      "-a",
      "--filter",
      `label=com.docker.compose.project=${PROJECT}`,
      "--format",
      "{{.Names}} {{.Status}}",
    ]);
    const forced = codes.split("\n").filter((line) => line.includes("(137)"));
    expect(forced).toEqual([]);
  });
});
