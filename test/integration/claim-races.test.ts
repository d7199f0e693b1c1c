import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InstantTestClient } from "@muster/playserver/testing";
import {
  freePort,
  instantQueuesFile,
  openTestStore,
  sampleInstant,
  type TestStore,
  until,
} from "@muster/store/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../../packages/playserver/src/main.ts", import.meta.url));
const PLAYSERVERS = 3;
const CLAIMERS = 50;
const ROUNDS = 1_000;
/** A connection may send a hundred frames in five seconds. */
const ROUND_MS = 55;

let test: TestStore;
let folder: string;
let ports: number[];
const processes: ChildProcess[] = [];
beforeAll(async () => {
  test = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), "muster-races-"));
  const file = join(folder, "queues.json");
  const instant = sampleInstant({ expireAfterMs: 600_000, matchLengthMs: 3_600_000 });
  await writeFile(file, instantQueuesFile(instant));
  ports = [];
  for (let n = 1; n <= PLAYSERVERS; n++) {
    const port = await freePort();
    const settings = { REDIS_URL: test.redis.url, MUSTER_QUEUES: file, MUSTER_NAME: `playserver-${n}` };
    const env = { ...process.env, ...settings, MUSTER_PORT: String(port), MUSTER_LOG_LEVEL: "silent" };
    processes.push(spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "ignore", "inherit"] }));
    ports.push(port);
  }
  const isReady = async (port: number) => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  for (const port of ports) await until(`a playserver at ${port}`, 60_000, () => isReady(port));
});
afterAll(async () => {
  for (const each of processes) {
    if (each.exitCode === null && each.kill()) await once(each, "exit");
  }
  await test?.stop();
  await rm(folder, { recursive: true, force: true });
});

let users = 0;
const open = (name: string) => {
  users += 1;
  return InstantTestClient.open(ports[users % ports.length] ?? 0, `${name}-${users}`);
};

it(`${CLAIMERS} users of ${PLAYSERVERS} playservers claim the same newcomer: exactly one session each time, ${ROUNDS} times`, async () => {
  const claimers = await Promise.all(Array.from({ length: CLAIMERS }, () => open("claimer")));
  await Promise.all(claimers.map((each) => each.request()));
  const winners = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const pause = sleep(ROUND_MS);
    for (const each of claimers) each.frames.length = 0;
    const newcomer = await open("newcomer");
    const alias = await newcomer.request();
    await Promise.all(claimers.map((each) => each.sees(alias)));
    // In another order each time: of those at one playserver the first is mostly first.
    const start = round % CLAIMERS;
    for (const each of [...claimers.slice(start), ...claimers.slice(0, start)]) each.send("INSTANT_MATCH", { alias });
    const isAnswered = (each: InstantTestClient) => each.session !== undefined || each.count("TAKEN") > 0;
    await Promise.all(claimers.map((each) => each.until(`an answer to ${each.user}`, () => isAnswered(each))));
    await newcomer.until("the newcomer's session", () => newcomer.session !== undefined);
    const won = claimers.flatMap((each, n) => (each.session ? [n] : []));
    expect(won).toHaveLength(1);
    const [winner = 0] = won;
    const one = claimers[winner];
    expect(one?.session?.session).toBe(newcomer.session?.session);
    expect(newcomer.session?.partner.user_id).toBe(one?.user);
    expect(newcomer.count("SESSION")).toBe(1);
    expect(claimers.flatMap(({ errors }) => errors)).toEqual([]);
    winners.add(winner);
    await Promise.all([newcomer.close(), one?.close()]);
    const next = await open("claimer");
    await next.request();
    claimers[winner] = next;
    await pause;
  }
  // Whoever it may be.
  expect(winners.size).toBeGreaterThan(CLAIMERS / 2);
  expect(await test.raw.zcard(test.store.keys.matchDue)).toBe(ROUNDS);
  for (const each of claimers) await each.close();
  expect(await test.inconsistencies()).toEqual([]);
}, 600_000);
