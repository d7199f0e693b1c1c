import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";

const MAIN = new URL("../../packages/cli/src/main.ts", import.meta.url).pathname;

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

/** Resolves with what `muster doctor` found, by name, and its exit code. */
const diagnose = async (...args: string[]) => {
  const options = ["doctor", "--json", "--redis-url", system.redisUrl, "--url", system.url, ...args];
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const { well, checks, faults } = JSON.parse(await text(child.stdout));
  const found = new Map(checks.map(({ name, status }: { name: string; status: string }) => [name, status]));
  return { well, found, faults };
};

it("finds a whole system well, nginx and its WebSockets too", async () => {
  const { well, found, faults } = await diagnose("--deep");
  expect([...found].filter(([, status]) => status !== "ok")).toEqual([]);
  expect([...found.keys()]).toEqual(
    expect.arrayContaining(["notifications", "mover", "services", "nginx", "API", "WebSocket"]),
  );
  expect([well, faults]).toEqual([true, []]);
}, 60_000);

it("notices a playserver that is gone, by its silence", async () => {
  const playservers = system.processes.filter(({ role }) => role === "playserver");
  for (const playserver of playservers) playserver.kill("SIGSTOP");
  try {
    await expect
      .poll(async () => (await diagnose()).found.get("playserver-1"), { timeout: 30_000, interval: 1_000 })
      .toBe("wrong");
    const { well, found } = await diagnose();
    expect(well).toBe(false);
    expect(found.get("services")).toBe("wrong");
    expect(found.get("WebSocket")).toBe("wrong");
    expect(found.get("API")).toBe("ok");
  } finally {
    for (const playserver of playservers) playserver.kill("SIGCONT");
  }
}, 90_000);
