import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { inTurn } from "./in-turn.ts";

it("keeps the order of one key, lets other keys pass, and goes on after a failure", async () => {
  const take = inTurn();
  const seen: string[] = [];
  const step = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`);
    await sleep(ms);
    seen.push(`${name} ends`);
    if (name === "a1") throw new Error("a1 failed");
    return name;
  };
  const [first, second, other] = [take("a", step("a1", 20)), take("a", step("a2", 0)), take("b", step("b1", 0))];
  await expect(first).rejects.toThrow("a1 failed");
  expect(await Promise.all([second, other])).toEqual(["a2", "b1"]);
  expect(seen.indexOf("a1 ends")).toBeLessThan(seen.indexOf("a2 begins"));
  expect(seen.indexOf("b1 ends")).toBeLessThan(seen.indexOf("a1 ends"));
});
