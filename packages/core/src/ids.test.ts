import { expect, it } from "vitest";
import { isId } from "./ids.ts";
import { systemIds } from "./service/system.ts";

it.each(["a", "STEAM_0:1:4491990", "auth0|507f1f77", "a.b@c=d+e-f", "x".repeat(64)])("takes %s", (text) => {
  expect(isId(text)).toBe(true);
});

it.each(["", "-", "_a", "__proto__", "a b", "a\n", "{a}", "a/b", "ä", "x".repeat(65), "a\u0000"])(
  "refuses %j",
  (text) => {
    expect(isId(text)).toBe(false);
  },
);

it("makes ids that it would take itself, all different", () => {
  const ids = Array.from({ length: 1_000 }, () => [systemIds.ticket(), systemIds.match()]).flat();
  expect(ids.every(isId)).toBe(true);
  expect(new Set(ids).size).toBe(2_000);
});
