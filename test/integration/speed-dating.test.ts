import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gapOf, isMutual, MOST_PEOPLE, maximumPairs, playWave, readWaves, type Wave } from "@muster/bench/speed-dating";
import { seededRandom } from "@muster/cli";
import { type Running, startService } from "@muster/core/service";
import { playserver } from "@muster/playserver";
import { instantQueuesFile, openTestStore, sampleInstant, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The Columbia speed dating experiment lies beside the repository, where it is there at all: it may not be shipped. */
const REAL = fileURLToPath(new URL("../../../shared/data/speed_dating_columbia", import.meta.url));
const FOLDER = process.env.MUSTER_TEST_SPEED_DATING ?? REAL;
/** All are there at once, so that a look around pays. */
const LOOK_MS = 250;
const MOST_GAP_POINTS = 5;

let test: TestStore;
let folder: string;
let running: Running[] = [];
beforeAll(async () => {
  test = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), "muster-speed-dating-"));
  const number = { type: "choice" as const, values: Array.from({ length: MOST_PEOPLE }, (_, n) => String(n + 1)) };
  const file = join(folder, "queues.json");
  await writeFile(file, instantQueuesFile(sampleInstant({ fields: { number }, verify: true })));
  const started = await Promise.all(
    [1, 2].map((n) =>
      startService(playserver, {
        ...{ REDIS_URL: test.redis.url, MUSTER_QUEUES: file, MUSTER_NAME: `playserver-${n}` },
        ...{ MUSTER_PORT: "0", MUSTER_LOG_LEVEL: "silent" },
      }),
    ),
  );
  running = started.map((each) => each.running);
});
afterAll(async () => {
  for (const each of running) await each.stop();
  await test?.stop();
  await rm(folder, { recursive: true, force: true });
});

const replay = async (waves: readonly Wave[], name: string) => {
  const urls = running.map(({ port }) => `http://127.0.0.1:${port}`);
  const outcomes = [];
  for (const wave of waves) {
    const { signal } = new AbortController();
    outcomes.push(await playWave(wave, { urls, name: `${name}-${wave.name}`, lookMs: LOOK_MS, spreadMs: 0, signal }));
  }
  return outcomes;
};

/** People of two sides, of whom each accepts each of the other side with the same probability. */
const wavesOf = (count: number, size: number, accepts: number, seed: number): Wave[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, name) => {
    const people = Array.from({ length: 2 * size }, (_, n) => n + 1);
    const sideOf = (person: number) => (person <= size ? 0 : 1);
    const choices = (one: number) => people.filter((other) => sideOf(other) !== sideOf(one) && random.next() < accepts);
    return {
      name: `${seed}-${name}`,
      people,
      accepted: new Map(people.map((one) => [one, new Set(choices(one))])),
      side: new Map(people.map((one) => [one, sideOf(one)])),
    };
  });
};

const expectGood = (outcomes: Awaited<ReturnType<typeof replay>>) => {
  expect(outcomes.map(({ unmutual }) => unmutual)).toEqual(outcomes.map(() => 0));
  expect(outcomes.map(({ unsettled }) => unsettled)).toEqual(outcomes.map(() => 0));
  expect(gapOf(outcomes)).toBeLessThan(MOST_GAP_POINTS);
  // Nobody can do better than the best.
  for (const { share, maximum } of outcomes) expect(share).toBeLessThanOrEqual(maximum);
};

it("a maximum matching is as large as one that tries everything", () => {
  const bestOf = (wave: Wave, free: readonly number[]): number => {
    const [one, ...others] = free;
    if (one === undefined) return 0;
    const withOne = others
      .filter((other) => isMutual(wave, one, other))
      .map(
        (other) =>
          1 +
          bestOf(
            wave,
            others.filter((each) => each !== other),
          ),
      );
    return Math.max(bestOf(wave, others), ...withOne);
  };
  for (const accepts of [0.2, 0.5, 0.8]) {
    for (const wave of wavesOf(20, 5, accepts, 7)) expect(maximumPairs(wave)).toBe(bestOf(wave, wave.people));
  }
});

describe("people who come at once and claim by themselves", { timeout: 300_000 }, () => {
  it("end in mutual sessions, nearly as many as can: in waves made up", async () => {
    const waves = [...wavesOf(6, 16, 0.45, 1), ...wavesOf(4, 20, 0.25, 2)];
    expectGood(await replay(waves, "made-up"));
    expect(await test.inconsistencies()).toEqual([]);
  });

  it.skipIf(!existsSync(join(FOLDER, "dates.csv.gz")))(
    "end in mutual sessions, nearly as many as can: in those of the Columbia experiment",
    async () => {
      const outcomes = await replay(await readWaves(FOLDER), "columbia");
      expect(outcomes.length).toBeGreaterThan(10);
      expectGood(outcomes);
      console.log(`speed dating: ${gapOf(outcomes).toFixed(1)} points below maximum matchings`);
      expect(await test.inconsistencies()).toEqual([]);
    },
  );
});
