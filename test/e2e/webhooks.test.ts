import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningSystem, startSystem } from "@muster/cli";
import { startEndpoint, TEST_SECRET, type TestEndpoint } from "@muster/webhooks/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsOf } from "../support/records.ts";
import { faultsOf, loadFor, NO_FAULTS, processNamed } from "../support/system.ts";

const RECEIVER = fileURLToPath(new URL("../../examples/webhook-receiver/receiver.mjs", import.meta.url));

let system: RunningSystem;
let all: TestEndpoint;
let dead: TestEndpoint;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let folder: string;

/** The receiver that ships as an example. */
const startReceiver = async () => {
  const child = spawn(process.execPath, [RECEIVER], {
    env: { ...process.env, WEBHOOK_SECRET: TEST_SECRET, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => void child.kill();
  process.once("exit", stop);
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  while (!said.includes("listening on ")) await once(child.stdout, "data");
  const url = /listening on (\S+)/.exec(said)?.[1];
  return { url: `${url}/`, said: () => said, stop };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-e2e-hooks-"));
  [all, dead, receiver] = await Promise.all([startEndpoint(), startEndpoint(), startReceiver()]);
  dead.answer = "hang";
  const hooks = [
    { id: "all", url: all.url },
    { id: "dead", url: dead.url },
    { id: "push", url: receiver.url, queues: ["team"], events: ["matched"] },
  ];
  const secrets = Object.fromEntries(hooks.map(({ id }) => [id, TEST_SECRET]));
  const webhooks = join(folder, "hooks.json");
  await writeFile(webhooks, JSON.stringify(hooks));
  const env = { ...process.env, MUSTER_WEBHOOK_SECRETS: JSON.stringify(secrets) };
  system = await startSystem({ webhooks, env });
});
afterAll(async () => {
  receiver?.stop();
  await system?.stop();
  await Promise.all([all?.stop(), dead?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** What the hook `all` was not told of yet. */
const untold = async (): Promise<string[]> => {
  const events = await eventsOf(system, ["matched", "cancelled", "expired", "ended"]);
  const told = new Set(all.got.map(({ id }) => id));
  return events.map(({ id }) => `evt_main_${id}`).filter((id) => !told.has(id));
};

describe("webhooks, while another endpoint hangs", () => {
  it("tell of everything at least once though their process is killed in the middle, and matching goes on as ever", async () => {
    const running = loadFor(system, 5_000);
    // In the middle: some messages are queued, some are being sent.
    await expect.poll(() => all.got.length, { timeout: 15_000, interval: 100 }).toBeGreaterThan(0);
    expect(processNamed(system, "webhooks-1").kill("SIGKILL")).toBe(true);
    const report = await running;
    await system.ready();
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(report.enqueued * 0.8);
    await expect.poll(untold, { timeout: 40_000, interval: 500 }).toEqual([]);
    expect(all.refused).toBe(0);
    expect(dead.requests).toBeGreaterThan(0);
  }, 90_000);

  it("show how each hook does", async () => {
    const { port } = processNamed(system, "webhooks-1");
    const answer = await (await fetch(`http://127.0.0.1:${port}/v1/webhooks`)).text();
    const { webhooks } = JSON.parse(answer);
    expect(webhooks).toMatchObject([
      { id: "all", circuit: "closed", waiting: 0, missed: 0 },
      { id: "dead", delivered: 0, lastError: "did not answer within 5000 ms" },
      { id: "push" },
    ]);
    expect(webhooks[1].waiting).toBeGreaterThan(0);
    expect(answer).not.toContain(TEST_SECRET);
  });

  it("have the example receiver push to the players of a match", async () => {
    const players = Array.from({ length: 10 }, (_, n) => `push-${n}`);
    const tickets = players.map((id) => ({ players: [{ id, elo: 1_000, avgPingMs: 20 }] }));
    const response = await fetch(`${system.url}/v1/queues/team/tickets/batch`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tickets }),
    });
    expect(response.status).toBe(200);
    for (const player of players) {
      await expect.poll(receiver.said, { timeout: 15_000 }).toContain(`push to ${player}: Your match is ready`);
    }
  });
});
