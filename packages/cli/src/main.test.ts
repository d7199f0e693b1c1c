import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { systemRandom } from "@muster/core/service";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findPorts } from "./up/ports.ts";

// Real processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

const muster = (args: string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env }, stdio: "pipe" });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const end = once(child, "exit").then(async ([code]) => ({ code, out: await out, err: await err }));
  return { child, end };
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-main-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("ends with 2 at a command line that it doesn't understand", async () => {
  const { code, err } = await muster(["up", "--no-such-option"]).end;
  expect(code).toBe(2);
  expect(err).toContain("unknown option '--no-such-option'");
});

it("ends with 78 at faulty values, all of them listed, and starts nothing", async () => {
  const { code, out, err } = await muster(["up", "--port", "x"], { MUSTER_MOVERS: "-1" }).end;
  expect([code, out]).toEqual([78, ""]);
  expect(err).toContain('command line: --port: must be integer (is "x")');
  expect(err).toContain('environment: MUSTER_MOVERS: must be integer (is "-1")');
});

/** A system as small as one can be, on ports of its own. */
const smallSystem = async () => {
  const port = await findPorts(8, systemRandom);
  const counts = "--orchestrators 1 --sweepers 0 --matchmakers 0 --movers 1 --playservers 1".split(" ");
  const ports = `--port ${port} --base-port ${port + 1} --redis-port ${port + 7}`.split(" ");
  return { port, base: port + 1, args: ["--data", folder, ...ports, ...counts] };
};

it("brings a system up, says what runs where, and stops it when asked", async () => {
  const { port, base, args } = await smallSystem();
  const { child, end } = muster(["up", ...args]);
  child.stdout.on("data", (data: Buffer) => {
    if (data.includes("Ctrl-C")) child.kill("SIGINT");
  });
  const { code, out, err } = await end;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(new RegExp(`orchestrator-1 +│ +\\d+ │ 127\\.0\\.0\\.1:${base}`));
  expect(out).toContain(`http://127.0.0.1:${port}/docs`);
  expect(out).toContain(join(folder, "logs"));
  expect(out.trim().split("\n").at(-1)).toBe("Everything is stopped.");
});

it("tells a program what runs, one JSON object a line", async () => {
  const { port, args } = await smallSystem();
  const { child, end } = muster(["up", "--json", ...args]);
  child.stdout.on("data", (data: Buffer) => {
    if (data.includes('"started"')) child.kill("SIGINT");
  });
  const { code, out, err } = await end;
  expect([code, err]).toEqual([0, ""]);
  const told = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told.map(({ event }) => event)).toEqual(["starting", "started", "stopping", "stopped"]);
  expect(told[1]).toMatchObject({ url: `http://127.0.0.1:${port}`, leader: "mover-1" });
  expect(told[1].processes).toContainEqual({ role: "nginx", name: "nginx", pid: expect.any(Number), port });
});
