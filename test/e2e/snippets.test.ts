import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findPorts, type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import { parseQueues } from "@muster/core";
import { systemRandom } from "@muster/core/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectSnippets, type Snippet } from "../support/snippets.ts";

/**
 * Every block and every command of the documentation is run here, as it stands, in a folder that looks like a checkout and
 * against a system of its own; or by the test that is named; or it is not run, for the reason that is given. A page
 * that says something new has to say here what becomes of it.
 *
 * They run in three lanes side by side, each in its own folder and in the order of the pages: what asks the one system,
 * and, in two, what needs none or starts its own. A page's commands of the latter kind stay in one lane, for they follow
 * upon one another.
 */

const root = new URL("../../", import.meta.url).pathname;

const LANES = ["system", "first", "second"] as const;
type Lane = (typeof LANES)[number];

type How =
  /** Runs it in bash. `until`: ends it when it has said that, for what goes on until it is stopped. */
  | {
      run: "on the system" | "alone";
      as?: (text: string, folder: string) => string | Promise<string>;
      until?: RegExp;
      says?: RegExp;
    }
  /** TypeScript, checked and then run; `after` lets it end. */
  | { typescript: { before?: string; after: string } }
  /** Another test runs it: the file must name the page, or what it is about. */
  | { by: string; naming: string }
  /** Only names a command or a script, which there must be. */
  | { named: true }
  | { check: (text: string, folder: string) => void }
  | { not: string };

/** Others' players are on their way meanwhile, and what is on its way may be told of: then a second look has to do. */
const lookTwice = (look: string) => `${look} || { sleep 3; ${look}; }`;

/** In a run of seconds what the page shows in minutes. */
const short = (text: string) =>
  text
    .replaceAll(/--for (60s|30s|10s)/g, "--for 2s")
    // A minute by default.
    .replaceAll(/(\bload\b(?!.*--for)[^`\n]*)/g, "$1 --for 2s")
    // Whoever nobody suits by then waits on: 10 s by default.
    .replaceAll(/(\bload\b[^`\n]*)/g, "$1 --grace 2s")
    .replaceAll(/--for (2h|1h)/g, "--for 5m")
    .replaceAll(/--rate (200|100)\b/g, "--rate 50");
/** For an id of nobody's ticket one that waits. */
const withTicket = async (text: string) => {
  players += 1;
  const player = { id: `alone-${players}`, elo: 9_900 - 1_500 * players };
  const { id } = await new RealmClient({ url: system.url }).enqueue("duel", { players: [player] });
  return text.replaceAll(/t_…|\bID$/gm, id);
};

/** Who may be asked in order: the first that fits. `*` fits any page. */
const RULES: [page: string, kind: string, fits: RegExp, how: How][] = [
  ["docs/api.md", "json", /./, { by: "test/e2e/docs.test.ts", naming: "docs/api.md" }],
  ["README.md", "json", /./, { by: "test/e2e/readme.test.ts", naming: "README.md" }],
  ["README.md", "sh", /curl -s|npx node -e/, { by: "test/e2e/readme.test.ts", naming: "README.md" }],
  ["README.md", "sh", /npm test/, { run: "alone", as: (text) => text.split("\n")[0] ?? "", until: /Stop +Ctrl-C/ }],
  ["README.md", "sh", /--demo/, { run: "alone", as: short, says: /lost +│ +0 / }],
  [
    "README.md",
    "sh",
    /queues check/,
    {
      run: "on the system",
      as: async (text) => short(await withTicket(text)),
      says: /OK {2}duel[\s\S]*times faster than real time/,
    },
  ],
  [
    "README.md",
    "sh",
    /doctor/,
    {
      run: "on the system",
      as: (text) => lookTwice(text.split("#")[0]?.trim() ?? ""),
      says: /nothing is wrong/,
    },
  ],
  [
    "README.md",
    "sh",
    /load/,
    { run: "on the system", as: (text) => short(text.split("\n")[0] ?? ""), says: /lost +│ +0 / },
  ],
  ["README.md", "ts", /RealmClient/, { typescript: { after: "await realm.close();" } }],
  ["README.md", "ts", /InstantClient/, { typescript: { after: "await client.close();" } }],
  ["README.md", "inline", /curl -N/, { run: "on the system", until: /^data: /m }],
  ["README.md", "inline", /--webhooks/, { by: "test/e2e/webhooks.test.ts", naming: "webhooks" }],
  ["docs/concepts.md", "", /./, { not: "a picture" }],
  ["docs/deploy.md", "sh", /kubectl/, { not: "there is no cluster; the manifests are held against the API's schemas" }],
  ["docs/deploy.md", "sh", /docker compose/, { by: "test/deploy/compose.test.ts", naming: "docker-compose.yml" }],
  ["*", "inline", /^docker/, { by: "test/deploy/compose.test.ts", naming: "docker-compose" }],
  ["docs/instant-match.md", "json", /./, { check: (text) => checkQueues(`{ ${text} }`) }],
  [
    ...(["docs/instant-match.md", "ts", /./] as const),
    { typescript: { before: "const meet = console.log;", after: "await client.close();" } },
  ],
  ["docs/observability.md", "yaml", /./, { check: checkPrometheus }],
  ["docs/observability.md", "inline", /promtool test/, { run: "alone", as: (text) => `cd deploy/grafana && ${text}` }],
  [
    "docs/operations.md",
    "inline",
    /redis-cli/,
    { run: "alone", as: (text) => text.replace("--rdb", `-u ${system.redisUrl} --rdb`) },
  ],
  ["docs/operations.md", "inline", /--matchmakers 4/, { run: "alone", until: /matchmaker-4[\s\S]*Stop +Ctrl-C/ }],
  ["docs/queues.md", "json", /./, { by: "packages/cli/src/queues/docs.test.ts", naming: "docs/queues.md" }],
  ["docs/realm.md", "ts", /./, { by: "test/e2e/docs.test.ts", naming: "docs/realm.md" }],
  ["docs/redis.md", "acl", /./, { by: "test/e2e/redis-acl.test.ts", naming: "docs/redis.md" }],
  ["docs/scale.md", "json", /partition/, { check: (text) => checkPartitions(text) }],
  ["docs/scale.md", "", /./, { not: "a formula" }],
  ["docs/scale.md", "inline", /keyslot/, { not: "it asks a cluster; the store itself does so in its tests on one" }],
  ["docs/scale.md", "inline", /events/, { run: "on the system", says: /led/ }],
  ["docs/security.md", "nginx", /./, { by: "test/e2e/tls.test.ts", naming: "docs/security.md" }],
  ["docs/security.md", "sh", /keys create/, { run: "alone", says: /^mk_\w+[\s\S]*eu-west/m }],
  // The same with an address of this machine alone.
  [
    ...(["docs/security.md", "sh", /--keys/] as const),
    { run: "alone", as: (text) => text.replace("0.0.0.0", "127.0.0.1"), until: /Stop +Ctrl-C/ },
  ],
  [
    ...(["docs/security.md", "sh", /keys revoke/] as const),
    { run: "alone", as: (text, folder) => text.replace("dd440752", keyId(folder)), says: /is revoked/ },
  ],
  ["docs/security.md", "sh", /keys signer/, { run: "alone", says: /private key is in signer\.private\.json/ }],
  ["docs/security.md", "inline", /token/, { run: "alone", says: /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/m }],
  ["docs/start.md", "sh", /^npm start\n$/, { run: "alone", until: /Stop +Ctrl-C/ }],
  ["docs/start.md", "sh", /for player/, { run: "on the system", says: /"status":"queued"/ }],
  ["docs/start.md", "sh", /players\/ann/, { run: "on the system", says: /"state":"inmatch"/ }],
  ["docs/start.md", "sh", /load/, { run: "on the system", as: short, says: /lost +│ +0 / }],
  ["docs/start.md", "sh", /explain/, { run: "on the system", says: /"outcome":"cancelled"/ }],
  ["docs/start.md", "sh", /cp queues/, { run: "alone", says: /OK {2}duel[\s\S]*times faster than real time/ }],
  [
    ...(["docs/start.md", "sh", /doctor/] as const),
    {
      run: "on the system",
      as: (text) => text.replace(/^.* doctor .*$/m, lookTwice),
      says: /nothing is wrong[\s\S]*matched/,
    },
  ],
  ["*", "inline", /^npm start -- --queues/, { run: "alone", until: /Stop +Ctrl-C/ }],
  [
    "examples/python/README.md",
    "sh",
    /duel\.py/,
    { run: "on the system", as: (text) => text.replaceAll(/\b(ann|bob)\b/g, "$1-in-python"), says: /is inmatch/ },
  ],
  [
    "examples/python/README.md",
    "sh",
    /generator/,
    { not: "the generator is a program in Java that is fetched from elsewhere" },
  ],
  ["examples/instant-match/README.md", "sh", /serve/, { by: "test/e2e/instant.test.ts", naming: "instant-match" }],
  ["examples/lobby/README.md", "sh", /serve/, { by: "test/e2e/examples.test.ts", naming: "lobby/serve.mjs" }],
  ["examples/realm-server/README.md", "sh", /realm\.ts/, { by: "test/e2e/examples.test.ts", naming: "realm-server" }],
  ["examples/webhook-receiver/README.md", "sh", /./, { by: "test/e2e/webhooks.test.ts", naming: "webhook-receiver" }],
  ["packages/client/README.md", "js", /./, { by: "test/e2e/client-package.test.ts", naming: "client/README.md" }],
  ["packages/client/README.md", "sh", /npm pack/, { by: "test/e2e/client-package.test.ts", naming: "npm" }],
  ["packages/client/README.md", "inline", /npm install/, { by: "test/e2e/client-package.test.ts", naming: "install" }],
  ["*", "inline", /up --help/, { run: "alone", says: /--matchmakers/ }],
  ["*", "inline", / load /, { run: "on the system", as: short, says: /lost +│ +0 / }],
  ["*", "inline", / explain /, { run: "on the system", as: withTicket, says: /tries/ }],
  [
    "*",
    "inline",
    / queues check /,
    { run: "alone", as: (text) => text.replace("FILE", "queues.json"), says: /OK {2}duel/ },
  ],
  ["*", "inline", / simulate /, { run: "alone", as: short, says: /times faster than real time/ }],
  [
    ...(["*", "inline", /doctor --/] as const),
    { run: "on the system", as: (text) => lookTwice(text.replace("FILE", "queues.json")), says: /nothing is wrong/ },
  ],
  [
    "*",
    "inline",
    /^npm run (bench|bench:quick|test:faults|test:fuzz)( --.*)?$/,
    { not: "it measures, or does harm, for minutes" },
  ],
  ["*", "inline", /^npm run (build:\w+|test:deploy)$|^npm test$/, { named: true }],
  ["*", "inline", /^(muster( \w+)?|npm start|nginx)$/, { named: true }],
];

const ruleOf = ({ page, kind, text }: Snippet) =>
  RULES.find(([where, ofKind, fits]) => (where === "*" || where === page) && ofKind === kind && fits.test(text));

let system: RunningSystem;
/** Of each lane. */
const folders: Record<Lane, string> = { system: "", first: "", second: "" };
let players = 0;

beforeAll(async () => {
  system = await startSystem();
  for (const lane of LANES) folders[lane] = makeFolder();
}, 120_000);
afterAll(async () => {
  await system?.stop();
  for (const folder of Object.values(folders)) if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Looks like a checkout. What commands leave behind there, as keys.json, must not lie in the repository. */
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "muster-pages-"));
  for (const name of readdirSync(root)) {
    if (!name.startsWith(".") && name !== "docs") symlinkSync(join(root, name), join(folder, name));
  }
  mkdirSync(join(folder, "bin"));
  const muster = `#!/bin/sh\nexec ${process.execPath} ${root}packages/cli/src/main.ts "$@"\n`;
  writeFileSync(join(folder, "bin/muster"), muster, { mode: 0o755 });
  writeFileSync(join(folder, "my-queues.json"), readFileSync(join(root, "queues.json")));
  return folder;
};

const keyId = (folder: string): string => JSON.parse(readFileSync(join(folder, "keys.json"), "utf8")).keys[0].id;

/** Ports for a system besides ours, and no more of each role than it needs. */
const ofItsOwn = async (): Promise<Record<string, string>> => {
  const port = await findPorts(16, systemRandom);
  return {
    ...{ MUSTER_PORT: String(port), MUSTER_REDIS_PORT: String(port + 1), MUSTER_BASE_PORT: String(port + 2) },
    MUSTER_ORCHESTRATORS: "1",
  };
};

/** Three lanes share the machine, and it may be busy with others' work: only what hangs takes so long. */
const LONGEST_MS = 150_000;

/** Runs a script to its end, or until it has said something. @returns what it said, and how it ended */
const bash = async (script: string, folder: string, env: Record<string, string>, until?: RegExp) => {
  const path = [join(folder, "bin"), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    env: { ...process.env, ...env, PATH: path, MUSTER_NO_INSTALL: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let [out, err, stopped] = ["", "", false];
  // The whole group, as Ctrl-C does.
  const stop = () => process.kill(-(child.pid ?? 0), "SIGINT");
  const limit = setTimeout(stop, LONGEST_MS);
  child.stdout.on("data", (data) => {
    out += data;
    if (!until?.test(out) || stopped) return;
    stopped = true;
    stop();
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(limit);
  return { code, out, err, stopped };
};

const runScript = async ({ text }: Snippet, how: Extract<How, { run: string }>, folder: string): Promise<void> => {
  const { host } = new URL(system.url);
  const script = ((await how.as?.(text, folder)) ?? text).replaceAll("127.0.0.1:8080", host);
  const env = how.run === "alone" ? await ofItsOwn() : { MUSTER_URL: system.url, REDIS_URL: system.redisUrl };
  const { code, out, err, stopped } = await bash(script, folder, env, how.until);
  const said = `${out}\n${err}`;
  if (how.until) expect(stopped, said).toBe(true);
  else expect(code, said).toBe(0);
  if (how.says) expect(out).toMatch(how.says);
};

/** Beside the packages that it imports. */
const cache = join(root, "test-results/snippets");
const runTypeScript = async ({ text }: Snippet, { before = "", after }: { before?: string; after: string }) => {
  mkdirSync(cache, { recursive: true });
  const player = `ann-${text.length}`;
  const code = `${before}\n${text}\n${after}\n`.replaceAll('"ann"', `"${player}"`);
  const here = code.replaceAll("http://127.0.0.1:8080", system.url);
  writeFileSync(join(cache, "snippet.ts"), here);
  const compilerOptions = { composite: false, incremental: false, noEmit: true, emitDeclarationOnly: false };
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: { ...compilerOptions, noUnusedLocals: false },
    files: ["snippet.ts"],
  };
  writeFileSync(join(cache, "tsconfig.json"), JSON.stringify(config));
  const checked = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", cache], { encoding: "utf8" });
  expect(checked.stdout).toBe("");
  const ran = spawnSync(process.execPath, [join(cache, "snippet.ts")], { encoding: "utf8", timeout: 30_000 });
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
};

const checkQueues = (text: string): void => {
  const { queues } = JSON.parse(readFileSync(join(root, "queues.json"), "utf8"));
  expect(parseQueues({ queues, ...JSON.parse(text) }, "the page").has("instant")).toBe(true);
};

/** With the shipped duel's definition for what the page leaves out. */
const checkPartitions = (text: string): void => {
  const shipped = JSON.parse(readFileSync(join(root, "queues.json"), "utf8")).queues.duel;
  const said: Record<string, { partition?: string }> = JSON.parse(text).queues;
  const queues = Object.fromEntries(
    Object.entries(said).map(([name, { partition }]) => [name, { ...shipped, ...(partition && { partition }) }]),
  );
  const partitions = [...parseQueues({ queues }, "the page").values()].map(({ partition }) => partition);
  expect(partitions).toEqual(Object.values(said).map(({ partition }) => partition));
};

function checkPrometheus(text: string, folder: string): void {
  writeFileSync(join(folder, "prometheus.yml"), text);
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "config", "prometheus.yml"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
}

const checkName = (text: string): void => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const [program, ...words] = text.split(" ");
  if (program === "npm") expect(Object.keys(scripts)).toContain(words.at(-1));
  if (program !== "muster" || words.length === 0) return;
  const { status } = spawnSync(process.execPath, [join(root, "packages/cli/src/main.ts"), ...words, "--help"]);
  expect(status).toBe(0);
};

const snippets = collectSnippets(root);
/** The same block or command on two pages is run once. */
const distinct = [...new Map(snippets.map((snippet) => [`${snippet.kind}\n${snippet.text}`, snippet])).values()];

/** A page's snippets that don't ask the one system go to that lane of two which has fewer so far. */
const toLanes = (): Record<Lane, Snippet[]> => {
  const lanes: Record<Lane, Snippet[]> = { system: [], first: [], second: [] };
  const pages = new Map<string, Lane>();
  for (const snippet of distinct) {
    const [, , , how] = ruleOf(snippet) ?? [];
    const asks = how && (("run" in how && how.run === "on the system") || "typescript" in how);
    const fewest = lanes.second.length < lanes.first.length ? "second" : "first";
    const lane = pages.get(snippet.page) ?? fewest;
    if (!asks) pages.set(snippet.page, lane);
    if (how) lanes[asks ? "system" : lane].push(snippet);
  }
  return lanes;
};

const run = async (snippet: Snippet, folder: string): Promise<void> => {
  const [, , , how] = ruleOf(snippet) ?? [];
  if (!how) throw new Error("no rule");
  if ("run" in how) await runScript(snippet, how, folder);
  else if ("typescript" in how) await runTypeScript(snippet, how.typescript);
  else if ("check" in how) how.check(snippet.text, folder);
  else if ("named" in how) checkName(snippet.text);
  else if ("by" in how) {
    expect(existsSync(join(root, how.by))).toBe(true);
    expect(readFileSync(join(root, how.by), "utf8")).toContain(how.naming);
  } else expect(how.not.length).toBeGreaterThan(5);
};

describe("the documentation", () => {
  it("has nothing that is neither run nor said to be not", () => {
    expect(snippets.length).toBeGreaterThan(100);
    const unknown = snippets
      .filter((snippet) => !ruleOf(snippet))
      .map(({ page, text }) => `${page}: ${text.slice(0, 80)}`);
    expect(unknown).toEqual([]);
  });

  it("has something for each rule", () => {
    const used = new Set(snippets.map(ruleOf));
    expect(RULES.filter((rule) => !used.has(rule)).map(([page, kind, fits]) => `${page} ${kind} ${fits}`)).toEqual([]);
  });

  for (const [lane, ofLane] of Object.entries(toLanes()) as [Lane, Snippet[]][]) {
    describe.concurrent(`lane ${lane}`, () => {
      for (const snippet of ofLane) {
        const line = snippet.text.trim().split("\n")[0]?.slice(0, 60);
        const inTurn = { concurrent: false, timeout: LONGEST_MS + 20_000 };
        it(`${snippet.page}: ${line}`, inTurn, () => run(snippet, folders[lane]));
      }
    });
  }

  it(
    "goes on with events until it is stopped",
    async () => {
      const realm = new RealmClient({ url: system.url });
      const env = { REDIS_URL: system.redisUrl };
      const line = snippets.flatMap(({ text }) => text.split("\n")).find((each) => each.includes("--follow")) ?? "";
      const told = bash(line, folders.system, env, /\bduel\b/);
      const enqueueing = setInterval(() => {
        const player = { id: `told-${Math.random().toString(36).slice(2)}`, elo: 1_000 };
        realm.enqueue("duel", { players: [player] }).catch(() => {});
      }, 300);
      const { stopped, out } = await told.finally(() => clearInterval(enqueueing));
      expect(stopped, out).toBe(true);
    },
    LONGEST_MS + 20_000,
  );
});
