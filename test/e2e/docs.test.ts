import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";

/** What the documentation says: its programs run, and its links lead somewhere. */

const root = new URL("../../", import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), "utf8");

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

it("docs/realm.md is a program that plays a duel", async () => {
  const blocks = [...read("docs/realm.md").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  expect(blocks.length).toBeGreaterThan(5);
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", blocks.join("\n")], {
    cwd: root,
    env: { ...process.env, MUSTER_URL: system.url },
    stdio: "pipe",
    timeout: 30_000,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(err).toBe("");
  const lines = out.trim().split("\n");
  expect(lines).toContainEqual(expect.stringMatching(/^PLAYER_BUSY /));
  expect(lines).toContain("now version 2");
  expect(lines).toContain("cancelled or matched: cancelled");
  expect(lines).toContainEqual(expect.stringMatching(/^(ann|bob) inmatch m_/));
  expect(lines).toContainEqual(expect.stringMatching(/^\[ \[ '(ann|bob)' \], \[ '(ann|bob)' \] \]$/));
  expect(lines).toContain("ended");
}, 60_000);

it("every link between the pages leads to a file", () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    ...globSync(["{docs,examples}/**/*.md", "packages/client/README.md"], { cwd: root }),
  ];
  expect(pages.length).toBeGreaterThan(15);
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target.replace(/#.*/, ""))
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

it("docs/api.md is what the API says of itself: if not, run npm run build:api", async () => {
  const script = join(root, "scripts/build-api-reference.ts");
  const child = spawn(process.execPath, [script, system.url], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 30_000,
  });
  expect(await text(child.stdout)).toBe(read("docs/api.md"));
  expect(read("docs/api.md")).toContain("### `POST /v1/queues/{queue}/tickets`");
}, 60_000);
