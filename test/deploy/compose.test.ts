import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createKeys } from "@muster/store";
import { freePort } from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { faultsOf, NO_FAULTS } from "../support/system.ts";
import { type BaseImages, prepareBaseImages } from "./base-images.ts";
import { buildImage, type Composition, createComposition } from "./composition.ts";
import { call, type Engine, startEngine } from "./engine.ts";

/** docker-compose.yml as it ships: built, brought up, loaded, hurt, scaled, opened by TLS, and taken down. */
const PROJECT = "mustertest";
const IMAGE = "muster-test";
const BUILD_LIMIT_MS = 600_000;
const BASE_LIMIT_MS = 600_000;
const limit = { timeout: 120_000, interval: 500 };
/** What Muster may add to the image that it is built on. */
const MOST_MB = 45;

const engine: Engine | undefined = await startEngine();
let base: BaseImages;
let muster: Composition;
let removeImage: () => Promise<void> = async () => {};
let url: string;
let port: number;

const statusOf = (path: string): Promise<number> =>
  fetch(url + path, { signal: AbortSignal.timeout(3_000) }).then(
    ({ status }) => status,
    () => 0,
  );
const healthy = async () => Object.values(await muster.states()).filter((state) => state.includes("(healthy)")).length;
/** How many orchestrators answer. */
const answering = async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(`${url}/v1/queues`)));
  return new Set(answers.map(({ headers }) => headers.get("x-muster-instance"))).size;
};
const megabytesOf = async (image: string) =>
  Number(await call("docker", ["image", "inspect", "-f", "{{.Size}}", image])) / 1e6;

describe.skipIf(!engine)("docker-compose.yml", { timeout: 420_000 }, () => {
  beforeAll(async () => {
    base = await prepareBaseImages();
    removeImage = await buildImage(IMAGE, base.node, BUILD_LIMIT_MS);
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    muster = createComposition(PROJECT, {
      ...{ MUSTER_IMAGE: IMAGE, REDIS_IMAGE: base.redis, NGINX_IMAGE: base.nginx ?? base.olderNginx },
      MUSTER_PORT: String(port),
    });
    // What an earlier run left that was interrupted.
    await muster.remove();
    await muster.compose("up", "-d", "--no-build");
    await vi.waitFor(async () => expect(await statusOf("/readyz")).toBe(200), limit);
  }, BASE_LIMIT_MS + BUILD_LIMIT_MS);
  afterAll(async () => {
    await muster?.remove();
    await removeImage();
    await engine?.stop();
  }, 120_000);

  it("runs two of what may be two, each healthy, and lets in nobody but through nginx", async () => {
    await expect.poll(healthy, limit).toBe(12);
    const format = '{{.Label "com.docker.compose.service"}} {{.Ports}}';
    const filter = `label=com.docker.compose.project=${PROJECT}`;
    const ports = await call("docker", ["ps", "--filter", filter, "--format", format]);
    expect(ports.split("\n").filter((line) => line.includes("->"))).toEqual([`nginx 127.0.0.1:${port}->8080/tcp`]);
  });

  it("runs without root, without rights, as process 1, and on a file system that can't be written to", async () => {
    const [orchestrator = ""] = await muster.containersOf("orchestrator");
    const look = "id -u; cat /proc/1/comm; grep CapEff /proc/1/status; touch /muster/x 2>/dev/null || echo read-only";
    expect(await call("docker", ["exec", orchestrator, "sh", "-c", look])).toMatch(
      /^1000\n(node|MainThread)\nCapEff:\s+0+\nread-only$/,
    );
  });

  it("is a small image, without what only builders and tests need", async () => {
    const added = (await megabytesOf(IMAGE)) - (await megabytesOf(base.node));
    console.log(`Muster adds ${added.toFixed(1)} MB to ${base.node}.`);
    expect(added).toBeLessThan(MOST_MB);
    const names = ["/muster/node_modules/vite", "/muster/node_modules/typescript", "/muster/packages/*.test.ts"];
    const find = `find /muster ${names.map((name) => `-path '${name}'`).join(" -o ")}`;
    expect(await call("docker", ["run", "--rm", "--entrypoint", "sh", IMAGE, "-c", find])).toBe("");
  });

  it("matches players, whom `muster load` sends from a container", async () => {
    const report = await muster.load(url, ["--rate", "60", "--for", "5s", "--match-for", "1s"]);
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(200);
    expect(await statusOf("/")).toBe(200);
  });

  it("starts again whatever crashes, and loses nobody", async () => {
    const restarts = async (container: string) =>
      Number(await call("docker", ["inspect", "-f", "{{.RestartCount}}", container]));
    const isHealthy = async (container: string) =>
      (await call("docker", ["inspect", "-f", "{{.State.Health.Status}}", container])) === "healthy";
    const end = async (containers: readonly string[], signal: "SIGKILL" | "SIGTERM" = "SIGKILL") => {
      const before = await Promise.all(containers.map(restarts));
      await Promise.all(containers.map((container) => muster.end(container, signal)));
      for (const [at, container] of containers.entries()) {
        await expect.poll(() => restarts(container), limit).toBeGreaterThan(before[at] ?? 0);
        await expect.poll(() => isHealthy(container), limit).toBe(true);
      }
    };
    const [matchmaker = ""] = await muster.containersOf("matchmaker");
    const [orchestrator = ""] = await muster.containersOf("orchestrator");
    const [playserver = ""] = await muster.containersOf("playserver");
    const [redis = ""] = await muster.containersOf("redis");
    const crashes = async () => {
      await end([matchmaker, orchestrator, playserver]);
      const leader = await muster.leadingMover();
      await end([leader ?? ""]);
      await expect.poll(muster.leadingMover, limit).toBeTruthy();
      // In order: a crash could take with it what Redis had not yet written, up to a second of answers that were given.
      await end([redis], "SIGTERM");
    };
    const crashed = crashes();
    const loading = muster.load(url, ["--rate", "40", "--for", "300s", "--match-for", "1s"], crashed);
    await crashed;
    const { lost, duplicates, invalid, examples, matched } = await loading;
    expect({ lost, duplicates, invalid, examples }).toEqual(NO_FAULTS);
    expect(matched).toBeGreaterThan(200);
  });

  it("takes in more matchmakers, and more orchestrators, which nginx finds by itself", async ({ skip }) => {
    const before = await muster.containersOf("nginx");
    await muster.compose("up", "-d", "--no-build", "--scale", "matchmaker=4", "--scale", "orchestrator=3");
    expect(await muster.containersOf("nginx")).toEqual(before);
    const [redis = ""] = await muster.containersOf("redis");
    const matchmakers = async () => {
      const names = await call("docker", ["exec", redis, "redis-cli", "hkeys", createKeys("main").services]);
      return names.split("\n").filter((name) => name.startsWith("matchmaker-")).length;
    };
    await expect.poll(matchmakers, limit).toBe(4);
    if (base.nginx === undefined) skip("there is no nginx 1.27.3 or newer here");
    await expect.poll(answering, limit).toBe(3);
  });

  it("takes in more orchestrators, which an older nginx finds when it is told to reload", async () => {
    muster.env.NGINX_IMAGE = base.olderNginx;
    await muster.compose("up", "-d", "--no-build", "--scale", "orchestrator=2");
    await expect.poll(answering, limit).toBe(2);
    await muster.compose("up", "-d", "--no-build", "--scale", "orchestrator=3");
    await expect.poll(async () => (await muster.states())["orchestrator-3"], limit).toContain("(healthy)");
    // As docs/deploy.md says; without a terminal.
    await muster.compose("exec", "-T", "nginx", "sh", "-c", "kill -HUP 1");
    await expect.poll(answering, limit).toBe(3);
  });

  it("doesn't open itself to others without keys, unless it is told to", async () => {
    const start = (env: NodeJS.ProcessEnv) => {
      const { compose } = createComposition(PROJECT, { ...muster.env, ...env });
      // Not published, whatever the file says: that is how `run` runs.
      return compose("run", "--rm", "--no-deps", "nginx", "timeout", "3", "sh", "/etc/muster/deployment/start.sh");
    };
    const open = { MUSTER_BIND: "0.0.0.0" };
    await expect(start(open)).rejects.toThrow(/MUSTER_BIND: is 0\.0\.0\.0.*MUSTER_OPEN=on/);
    // 124: it had to be stopped.
    await expect(start({ ...open, MUSTER_OPEN: "on" })).rejects.toMatchObject({ code: 124 });
    await expect(start({ ...open, MUSTER_KEYS: "/etc/muster/keys.json" })).rejects.toMatchObject({ code: 124 });
  });

  it.for([
    { written: "before nginx 1.25", imageOf: () => base.olderNginx },
    { written: "since then", imageOf: () => base.nginx },
  ])("ends TLS with the certificate of MUSTER_TLS, as that is written $written", async ({ imageOf }, { skip }) => {
    if (imageOf() === undefined) skip("there is no nginx 1.27.3 or newer here");
    const folder = await mkdtemp(join(tmpdir(), "muster-tls-"));
    try {
      const [certificate, key] = [join(folder, "fullchain.pem"), join(folder, "privkey.pem")];
      const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
      const args = ["req", "-x509", ...curve, ...names, "-keyout", key, "-out", certificate];
      execFileSync("openssl", args, { stdio: "pipe" });
      // For user 1000, as whom nginx runs.
      await Promise.all([chmod(folder, 0o755), chmod(key, 0o644)]);
      const ca = await readFile(certificate);
      const tls = createComposition(PROJECT, { ...muster.env, NGINX_IMAGE: imageOf(), MUSTER_TLS: folder });
      await tls.compose("up", "-d", "--no-build", "--no-deps", "nginx");
      const ready = async () => {
        const sent = request({ host: "127.0.0.1", port, path: "/readyz", ca }).end();
        const [response] = await once(sent, "response", { signal: AbortSignal.timeout(3_000) });
        response.resume();
        return response.statusCode;
      };
      await expect.poll(() => ready().catch(String), limit).toBe(200);
      // What a player asks for by its socket, its playserver asks for by nginx, too.
      const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/play?player=tls-ann`, { ca });
      const ticket = { players: [{ id: "tls-ann", elo: 1_000 }] };
      const answers: { op: string; status?: number }[] = [];
      socket.on("message", (data) => answers.push(JSON.parse(String(data))));
      await once(socket, "open");
      const queue = async () => {
        const answered = once(socket, "message");
        socket.send(JSON.stringify({ op: "queue", id: "1", queue: "duel", ticket, replace: true }));
        await answered;
        return answers;
      };
      await expect.poll(queue, limit).toContainEqual(expect.objectContaining({ op: "answer", status: 201 }));
      socket.terminate();
      const secured = connect({ host: "127.0.0.1", port, ca, ALPNProtocols: ["h2"] });
      await once(secured, "secureConnect");
      expect([secured.alpnProtocol, secured.getProtocol()]).toEqual(["h2", "TLSv1.3"]);
      secured.destroy();
      expect((await fetch(url)).status).toBe(400);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("stops in order, by its own will, and leaves nothing behind", async () => {
    await muster.compose("stop", "-t", "20");
    const forced = Object.entries(await muster.states()).filter(([, state]) => state.includes("(137)"));
    expect(forced).toEqual([]);
    await muster.compose("down", "-v");
    expect(await muster.remains()).toEqual([]);
  });
});
