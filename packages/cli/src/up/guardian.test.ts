import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, vi } from "vitest";
import { startGuardian } from "./guardian.ts";

// Real processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

const idle = () => {
  const child = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
  started.push(child);
  return child;
};

it("ends all children, stage after stage, when their parent is killed", async () => {
  const [first, second] = [idle(), idle()];
  const ends: string[] = [];
  const gone = [
    once(first, "exit").then(() => ends.push("first")),
    once(second, "exit").then(() => ends.push("second")),
  ];

  const guardian = fileURLToPath(new URL("./guardian.ts", import.meta.url));
  const parent = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { startGuardian } from ${JSON.stringify(guardian)};
       startGuardian().watch([[${first.pid}], [], [${second.pid}]]);
       console.log("guarded");
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  started.push(parent);
  await once(parent.stdout, "data");
  parent.kill("SIGKILL");
  await Promise.all(gone);
  expect(ends).toEqual(["first", "second"]);
});

it("leaves everyone alone once it is released", async () => {
  const child = idle();
  const guardian = startGuardian();
  guardian.watch([[child.pid ?? 0]]);
  await guardian.release();
  expect(child.signalCode).toBeNull();
  expect(child.kill(0)).toBe(true);
});
