import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@muster/core/service";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Child, type ChildSpec, type Death } from "./child.ts";
import { processStart } from "./process-start.ts";

// Real processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

// Says on stdout that it runs, so that a test can await it instead of guessing.
const RUNS_ON = `console.log("runs"); setInterval(() => {}, 1000);`;

describe("a child", () => {
  let folder: string;
  let news: EventEmitter<{ pid: []; death: [Death] }>;
  let child: Child;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "muster-child-"));
    news = new EventEmitter();
  });
  afterEach(async () => {
    await child.stop(1_000);
    rmSync(folder, { recursive: true });
  });

  const childOf = (script: string, spec: Partial<ChildSpec> = {}) =>
    new Child(
      {
        name: "child-1",
        command: process.execPath,
        args: ["-e", script],
        env: {},
        logFile: join(folder, "child-1.log"),
        stopSignal: "SIGTERM",
        ...spec,
      },
      {
        clock: systemClock,
        random: { next: () => 0 },
        onPid: () => news.emit("pid"),
        onDeath: (death) => news.emit("death", death),
      },
    );

  const untilItLogs = async (line: string) => {
    await expect.poll(() => child.lastLog(), { interval: 10, timeout: 5_000 }).toContain(line);
  };

  it("that is killed runs again, with another process", async () => {
    child = childOf(RUNS_ON);
    child.start();
    await untilItLogs("runs");
    const first = child.pid;

    const died = once(news, "death");
    expect(child.kill("SIGKILL")).toBe(true);
    const [death] = await died;
    expect(death).toEqual({ name: "child-1", pid: first, code: null, signal: "SIGKILL", deaths: 1, restartInMs: 100 });

    await once(news, "pid");
    expect(child.pid).not.toBe(first);
    await untilItLogs("runs");
  });

  it("that keeps dying is started later each time", async () => {
    child = childOf("process.exit(3)");
    child.start();
    const deaths: Death[] = [];
    for (let index = 0; index < 3; index++) deaths.push((await once(news, "death"))[0]);
    expect(deaths.map(({ code, restartInMs }) => [code, restartInMs])).toEqual([
      [3, 100],
      [3, 200],
      [3, 400],
    ]);
  });

  it("that refuses its configuration is not started again", async () => {
    child = childOf(`console.error("MUSTER_PORT: must be integer"); process.exit(78)`);
    child.start();
    const [death] = await once(news, "death");
    expect(death).toMatchObject({ code: 78 });
    expect(death).not.toHaveProperty("restartInMs");
    expect(child.lastLog()).toBe("MUSTER_PORT: must be integer");
  });

  it("whose program is missing dies too", async () => {
    child = childOf("", { command: join(folder, "no-such-program") });
    child.start();
    const [death] = await once(news, "death");
    expect(death).toMatchObject({ pid: 0, code: null, signal: null, restartInMs: 100 });
    expect(child.lastLog()).toContain("can't be started");
  });

  it("is not started again once it was stopped, neither while running nor while waiting", async () => {
    child = childOf(RUNS_ON);
    child.start();
    await untilItLogs("runs");
    expect(await child.stop(5_000)).toBe(true);
    expect(child.pid).toBeUndefined();

    child = childOf("process.exit(1)");
    child.start();
    await once(news, "death");
    expect(await child.stop(5_000)).toBe(true);
    expect(child.deaths).toBe(1);
  });

  it("that won't end is killed, with all that it started", async () => {
    child = childOf(`
      process.on("SIGTERM", () => {});
      const { spawn } = require("node:child_process");
      const grandchild = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
      console.log("grandchild", grandchild.pid);
      setInterval(() => {}, 1000);
    `);
    child.start();
    await untilItLogs("grandchild");
    const grandchild = Number(child.lastLog().split(" ")[1]);
    expect(processStart(grandchild)).toBeDefined();

    expect(await child.stop(50)).toBe(false);
    expect(child.pid).toBeUndefined();
    await expect.poll(() => processStart(grandchild), { interval: 10 }).toBeUndefined();
  });
});
