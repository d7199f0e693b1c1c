import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { FAULTS } from "./faults.ts";

it.each(["README.md", "docs/faq.md"])("%s says how many kinds of faults there are", async (file) => {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
  const [, count] = /(\d+)\s+kinds\s+of\s+faults/.exec(text) ?? [];
  expect(Number(count)).toBe(Object.keys(FAULTS).length);
});
