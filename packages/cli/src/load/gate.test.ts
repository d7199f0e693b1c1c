import { expect, it } from "vitest";
import { Gate } from "./gate.ts";

it("lets only so many run at a time, and all of them in the end", async () => {
  const gate = new Gate(2);
  let running = 0;
  let most = 0;
  const releases: (() => void)[] = [];
  const call = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => releases.push(resolve));
    running -= 1;
  };
  const calls = Array.from({ length: 5 }, () => gate.run(call));
  expect(gate.isOpen).toBe(false);
  while (releases.length > 0) {
    releases.shift()?.();
    // Lets the next one begin.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(calls);
  expect(most).toBe(2);
  expect(gate.isOpen).toBe(true);
});

it("a call that fails makes room too", async () => {
  const gate = new Gate(1);
  const failed = gate.run(() => Promise.reject(new Error("no")));
  const next = gate.run(async () => "yes");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});

it("is idle when also what began meanwhile has ended", async () => {
  const gate = new Gate(1);
  const ended: string[] = [];
  void gate.run(async () => {
    await Promise.resolve();
    void gate.run(async () => void ended.push("second"));
    ended.push("first");
  });
  await gate.idle();
  expect(ended).toEqual(["first", "second"]);
});
