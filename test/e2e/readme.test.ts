import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";

/** The README's examples, run in its order against a system of their own: each must print what the README prints. */

const root = new URL("../../", import.meta.url).pathname;
const readme = readFileSync(`${root}README.md`, "utf8");

const examples = [...readme.matchAll(/<!-- example: ([\w-]+) -->\n```sh\n([\s\S]*?)```\n```json\n([\s\S]*?)```/g)].map(
  ([, name = "", script = "", printed = ""]) => ({ name, script, printed }),
);

/** Without what differs from run to run: ids that Muster makes, times, and which team or line comes first. */
const alike = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) =>
      JSON.parse(line, (key, value) => {
        if (typeof value === "string" && /^[tm]_\w+$/.test(value)) return "an id";
        if (key === "teams") return inAnyOrder(value.map(({ players }: { players: unknown }) => players));
        return typeof value === "number" && value > 1e12 ? "a time" : value;
      }),
    )
    .toSorted(byText);

const byText = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b));
const inAnyOrder = (values: unknown[]) => values.toSorted(byText);

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

it("has examples", () => {
  expect(examples.map(({ name }) => name)).toEqual(["enqueue", "match", "end", "watch"]);
});

it.each(examples)("prints what the README says: $name", async ({ script, printed }) => {
  const here = script.replaceAll("127.0.0.1:8080", new URL(system.url).host);
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], {
    cwd: root,
    timeout: 30_000,
  });
  expect(alike(stdout)).toEqual(alike(printed));
});
