import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";

/** The SDK as others get it: built, packed, and installed in a folder that knows nothing of this repository. */

const root = new URL("../../", import.meta.url).pathname;
const run = promisify(execFile);
const readme = await readFile(join(root, "packages/client/README.md"), "utf8");
const [start = "", ofNode20 = ""] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = ""]) => code);

let system: RunningSystem;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-consumer-"));
  const building = run("npm", ["run", "build", "-w", "@muster/client"], { cwd: root });
  [system] = await Promise.all([startSystem(), building]);
  await run("npm", ["pack", "./packages/client/dist", "--pack-destination", folder], { cwd: root });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${archive}`], { cwd: folder });
}, 180_000);
afterAll(async () => {
  await system?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Node 20 or 21 of this machine, if it has one. */
const oldNode = (process.env.PATH ?? "")
  .split(delimiter)
  .map((path) => join(path, "node"))
  .find((node) => /^v2[01]\./.test(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? ""));

/** Runs a module of the consumer's. @returns what it printed */
const runModule = async (runtime: string, code: string, options: readonly string[] = []): Promise<string> => {
  await writeFile(join(folder, "start.mjs"), code);
  const env = { ...process.env, MUSTER_URL: system.url };
  const { stdout } = await run(runtime, [...options, "start.mjs"], { cwd: folder, env, timeout: 30_000 });
  return stdout.trim();
};

/** Both come as npm packages; of some 90 MB each, which is why they are no devDependencies. */
const OTHER_RUNTIMES = [
  { name: "deno", version: "2.9.6", options: ["run", "--allow-net", "--allow-env", "--node-modules-dir=manual"] },
  { name: "bun", version: "1.4.5", options: ["run"] },
];

/** @returns the path of this machine's own, or of one that is fetched and kept */
const runtimeOf = async (name: string, version: string): Promise<string> => {
  if (spawnSync(name, ["--version"]).status === 0) return name;
  const kept = join(root, "node_modules/.cache/runtimes", name);
  await mkdir(kept, { recursive: true });
  const path = join(kept, "node_modules/.bin", name);
  if (spawnSync(path, ["--version"]).status !== 0) {
    const fetched = `${name}@${version}`;
    await run("npm", ["install", "--prefix", kept, "--no-audit", "--no-fund", "--no-save", fetched], { cwd: kept });
  }
  return path;
};

const link = async (name: string): Promise<void> => {
  const to = join(folder, "node_modules", name);
  await mkdir(join(to, ".."), { recursive: true });
  await symlink(join(root, "node_modules", name), to);
};

it("brings nothing else along", async () => {
  const installed = (await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith("."));
  expect(installed).toEqual(["@muster"]);
  const code = await readFile(join(folder, "node_modules/@muster/client/index.js"), "utf8");
  expect(code).not.toMatch(/^\s*import\b/m);
  // Not minified, comments included. TypeBox alone, which core's schemas would bring along, is several times that.
  expect(code.length).toBeLessThan(100_000);
});

it("starts in ten lines, as its README says", async () => {
  expect(start.trim().split("\n").filter(Boolean).length).toBeLessThanOrEqual(10);
  expect(readme).toContain(`prints \`${await runModule(process.execPath, start)}\``);
}, 60_000);

it.runIf(oldNode !== undefined)(
  "runs in Node 20, with the WebSocket of another package",
  async () => {
    const node = oldNode ?? "";
    const players = start.replaceAll("ann", "cyd").replaceAll("bob", "dee");
    await expect(runModule(node, players)).rejects.toThrow("give one as the option `WebSocket`");
    await link("ws");
    const imported = ofNode20.split("\n").find((line) => line.includes('from "ws"'));
    expect(await runModule(node, `${imported}\n${players.replace(" })", ", WebSocket })")}`)).toBe("cyd plays dee");
  },
  60_000,
);

it.each(OTHER_RUNTIMES)(
  "runs in $name, which has all that it needs",
  async ({ name, version, options }) => {
    const players = start.replaceAll("ann", `ann-${name}`).replaceAll("bob", `bob-${name}`);
    const runtime = await runtimeOf(name, version);
    expect(await runModule(runtime, players, options)).toBe(`ann-${name} plays bob-${name}`);
  },
  180_000,
);

/** In a page of Muster's own origin: a player who queues by itself and is told of its match. */
const IN_PAGE = `
  import { PlayerClient, RealmClient } from "/sdk.js";
  const url = location.origin;
  const player = new PlayerClient({ url, player: "eve" });
  const matched = new Promise((resolve) => player.on("state", ({ state, match }) => match && resolve(state)));
  await player.connect();
  await player.queue("duel", { players: [{ id: "eve", elo: 1500 }] });
  await new RealmClient({ url }).enqueue("duel", { players: [{ id: "fay", elo: 1500 }] });
  document.title = await matched;
  await player.close();`;

it("runs in a browser", async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const [contentType, path] = ["text/javascript", join(folder, "node_modules/@muster/client/index.js")];
    await page.route("**/sdk.js", (route) => route.fulfill({ contentType, path }));
    await page.route("**/page.js", (route) => route.fulfill({ contentType, body: IN_PAGE }));
    await page.goto(`${system.url}/healthz`);
    await page.addScriptTag({ type: "module", url: "/page.js" });
    await expect.poll(() => page.title(), { timeout: 10_000 }).toBe("inmatch");
  } finally {
    await browser.close();
  }
}, 60_000);

const CONSUMER = `
import { MusterApiError, type Match, type Retry, RealmClient, type StateFrame } from "@muster/client";

export const play = async (realm: RealmClient): Promise<Match["state"]> => {
  realm.on("state", (frame: StateFrame) => frame.version.toFixed());
  realm.on("retry", ({ error }: Retry) => error.message);
  const ticket = await realm.enqueue("duel", { players: [{ id: "ann", elo: 1_200 }] });
  const cancelled = await realm.cancelTicket(ticket.id).catch((error: unknown) => {
    if (error instanceof MusterApiError && error.code === "TICKET_NOT_FOUND") return undefined;
    throw error;
  });
  return cancelled?.outcome === "matched" ? cancelled.match.state : "ended";
};

// @ts-expect-error: an elo is a number
export const wrong = (realm: RealmClient) => realm.enqueue("duel", { players: [{ id: "ann", elo: "high" }] });
`;

/** @returns what TypeScript says; "" when all is well */
const typeFaults = async (file: string, code: string, options: object): Promise<string> => {
  await writeFile(join(folder, file), code);
  const compilerOptions = { strict: true, noEmit: true, target: "ES2022", module: "NodeNext", types: [], ...options };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout } = await run(tsc, ["-p", folder]).catch((error: { stdout: string }) => error);
  return stdout;
};

it("has types that need no others, in Node and in browsers", async () => {
  const lib = ["ES2022", "DOM"];
  expect(await typeFaults("browser.ts", CONSUMER, { lib })).toBe("");
  expect(await typeFaults("bundled.ts", CONSUMER, { lib, module: "ESNext", moduleResolution: "Bundler" })).toBe("");
  for (const name of ["@types/node", "undici-types"]) await link(name);
  const node = { lib: ["ES2023"], types: ["node"], exactOptionalPropertyTypes: true, skipLibCheck: true };
  expect(await typeFaults("node.ts", CONSUMER, node)).toBe("");
  await link("@types/ws");
  await link("ws").catch(() => {});
  expect(await typeFaults("ws.ts", ofNode20, node)).toBe("");
}, 120_000);

it("has the very types that this repository has", async () => {
  const index = await readFile(join(folder, "node_modules/@muster/client/index.d.ts"), "utf8");
  const [, listed = ""] = /export type \{([^}]*)\} from "\.\/core\.js"/.exec(index) ?? [];
  const names = listed.match(/\w+/g) ?? [];
  expect(names).toContain("Ticket");
  expect(names.length).toBeGreaterThan(20);
  const code = `
    import type * as Repository from "${root}node_modules/.cache/tsc/core/index.d.ts";
    import type * as Package from "./node_modules/@muster/client/core.js";
    type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
    ${names.map((name) => `export const is${name}: Same<Repository.${name}, Package.${name}> = true;`).join("\n")}`;
  const options = { lib: ["ES2024", "DOM", "ESNext.Array"], skipLibCheck: true, allowImportingTsExtensions: true };
  expect(await typeFaults("same.ts", code, options)).toBe("");
}, 120_000);
