import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { type RunningSystem, startSystem } from "@muster/cli";
import { freePort } from "@muster/store/testing";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";

/** The examples do what their READMEs say, against a real system. */
let system: RunningSystem;
let browser: Browser;
const children: ChildProcess[] = [];
beforeAll(async () => {
  system = await startSystem();
  browser = await openBrowser();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGTERM");
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

const fileOf = (example: string) => fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));

/** Runs an example; what it says, so far. */
const run = (command: string, args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(command, args, {
    env: { ...process.env, MUSTER_URL: system.url, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let said = "";
  child.stdout.on("data", (data) => {
    said += data;
  });
  return { said: () => said, ended: () => child.exitCode };
};

const saysAddress = async ({ said }: ReturnType<typeof run>): Promise<string> => {
  await expect.poll(said, { timeout: 15_000 }).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  return said().trim();
};

it("the realm of sixty lines plays a duel of two who come, and cancels for one who leaves", async () => {
  const code = readFileSync(fileOf("realm-server/realm.ts"), "utf8").trim().split("\n");
  expect(code.length).toBeLessThanOrEqual(60);
  const port = await freePort();
  const env = { PORT: String(port), PLAY_MS: "300" };
  const url = await saysAddress(run(process.execPath, [fileOf("realm-server/realm.ts")], env));
  // What no address can be made of is no end of it.
  const odd = request(url, { method: "OPTIONS", path: "*" }).end();
  expect((await once(odd, "response"))[0].statusCode).toBe(404);
  const play = async (player: string, elo: number) =>
    (await fetch(`${url}/play?player=${player}&elo=${elo}`, { signal: AbortSignal.timeout(20_000) })).text();
  const [ann, bob] = await Promise.all([play("realm-ann", 1_200), play("realm-bob", 1_205)]);
  expect(ann).toBe("You wait for an opponent.\nYou play realm-bob.\nYou are free again.\n");
  expect(bob).toBe("You wait for an opponent.\nYou play realm-ann.\nYou are free again.\n");

  const leaving = new AbortController();
  const gone = fetch(`${url}/play?player=realm-cy&elo=9000`, { signal: leaving.signal }).then((answer) =>
    answer.text(),
  );
  const stateOf = async () => {
    const player = (await (await fetch(`${system.url}/v1/players/realm-cy`)).json()) as { state: string };
    return player.state;
  };
  await expect.poll(stateOf, { timeout: 5_000 }).toBe("inqueue");
  leaving.abort();
  await expect(gone).rejects.toThrow();
  await expect.poll(stateOf, { timeout: 5_000 }).toBe("idle");
}, 60_000);

it("the lobby lets two players in browsers meet, shows who is there, and stops waiting when asked", async () => {
  const url = await saysAddress(run(process.execPath, [fileOf("lobby/serve.mjs")], { PORT: "0" }));
  const open = async (player: string) => {
    const page = await browser.newPage();
    await page.goto(`${url}/?muster=${encodeURIComponent(system.url)}`);
    await page.getByLabel("Name").fill(player);
    await page.getByLabel("Elo").fill("1400");
    return page;
  };
  const [ann, bob] = [await open("lobby-ann"), await open("lobby-bob")];
  const status = (page: typeof ann) => page.getByRole("status").textContent();
  await ann.getByRole("button", { name: "Play" }).click();
  await expect.poll(() => status(ann), { timeout: 5_000 }).toBe("You wait for others.");
  await ann.getByRole("button", { name: "Stop" }).click();
  await expect.poll(() => status(ann), { timeout: 5_000 }).toBe("Not waiting.");
  await ann.getByRole("button", { name: "Play" }).click();
  await bob.getByRole("button", { name: "Play" }).click();
  for (const page of [ann, bob]) {
    await expect.poll(() => status(page), { timeout: 10_000 }).toBe("You are in a match of duel.");
    const mates = await page.getByRole("listitem").allTextContents();
    expect(mates.toSorted()).toEqual(["lobby-ann (1400), team 1", "lobby-bob (1400), team 2"].map(anyTeam));
  }
}, 60_000);

/** Who is in which team is nobody's promise. */
const anyTeam = (mate: string) => expect.stringMatching(mate.replace(/[()]/g, "\\$&").replace(/team \d/, "team [12]"));

it.runIf(spawnSync("python3", ["--version"]).status === 0)(
  "the client in Python has its match",
  async () => {
    const players = ["python-ann", "python-bob"].map((player) =>
      run("python3", [fileOf("python/duel.py"), player, "1600"]),
    );
    await expect.poll(() => players.map(({ ended }) => ended()), { timeout: 20_000 }).toEqual([0, 0]);
    for (const { said } of players) {
      expect(said()).toMatch(/is inmatch\nteams: .*python-(ann.*python-bob|bob.*python-ann)/);
    }
  },
  60_000,
);
