import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, BenchContext, Figures, Goal, Row } from "../../bench.ts";
import { type BenchSystem, startBenchSystem } from "../../system.ts";
import { measureMemory } from "./measure-memory.ts";
import { GROUPS, measureRate, type Rate } from "./measure-rate.ts";
import { MOST_PEOPLE } from "./play-wave.ts";
import { replay } from "./replay.ts";

const MINUTE: Omit<Rate, "forMs"> = { usersPerS: 1_000 / 60, waiting: 200 };
const CROWD: Omit<Rate, "forMs"> = { usersPerS: 100, waiting: 2_000 };
const groups = (prefix: string) => Array.from({ length: GROUPS }, (_, n) => `${prefix}${n}`);
const queuesFile = {
  queues: {
    duel: {
      teams: { count: 2, size: 1 },
      maxPartySize: 1,
      steps: [{ fromTry: 0 }],
      ...{ retryEveryMs: 1_000, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
    },
  },
  instant: {
    fields: {
      group: { type: "choice", values: [...groups("w"), ...groups("n"), "none"] },
      number: { type: "choice", values: Array.from({ length: MOST_PEOPLE }, (_, n) => String(n + 1)) },
      about: { type: "text", maxLength: 100 },
    },
    verify: true,
    ...{ expireAfterMs: 3_600_000, matchLengthMs: 600_000, maxWaiting: 100_000 },
  },
};

const rateRows = (name: string, label: string): Row[] => [
  { figure: `${name}.sessionMs.p50`, label: `${label}: request to session, p50`, unit: "ms" },
  { figure: `${name}.sessionMs.p99`, label: "  the same, p99", unit: "ms" },
  { figure: `${name}.sessions`, label: "  sessions" },
  { figure: `${name}.missed`, label: "  newcomers without a session within 30 s" },
  { figure: `${name}.microsPerRequest.playserver`, label: "  CPU for each request: playservers", unit: "µs" },
  { figure: `${name}.microsPerRequest.nginx`, label: "  the same: nginx", unit: "µs" },
  { figure: `${name}.microsPerRequest.redis`, label: "  the same: Redis", unit: "µs" },
  { figure: `${name}.playserverCores`, label: "  cores of all playservers" },
];
const REPLAY_ROWS: Row[] = [
  { figure: "replay.maximumShare", label: "speed dating: share in a session at best (maximum matching)" },
  { figure: "replay.share", label: "  share in a session, all there at once" },
  { figure: "replay.gapPoints", label: "  points below the best", unit: "points" },
  { figure: "replay.spreadShare", label: "  share in a session, arriving one by one within 5 s" },
  { figure: "replay.spreadGapPoints", label: "  points below the best", unit: "points" },
  { figure: "replay.unmutual", label: "  people in a session that isn't mutual" },
  { figure: "replay.unsettled", label: "  pairs who accept each other and were left waiting" },
];

export const instant: Bench = {
  name: "instant",
  about: "instant matching: request to session at 1,000 users/min and at 100/s while 2,000 wait; a replay with --data",
  seed: 0,
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), "muster-bench-instant-"));
    try {
      const queues = join(folder, "queues.json");
      await writeFile(queues, JSON.stringify(queuesFile));
      return await measure(context, queues);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const measure = async (context: BenchContext, queues: string) => {
  const { quick, data } = context;
  const fresh = async (rate: Omit<Rate, "forMs">, forMs: number) => {
    await using system = await startBenchSystem(context, queues);
    const measured = await measureRate(context, system, { ...rate, forMs });
    return { ...measured, notes: [...measured.notes, ...system.notes()] };
  };
  const minute = await fresh(MINUTE, quick ? 10_000 : 60_000);
  const crowd = await fresh(CROWD, quick ? 10_000 : 60_000);
  const replayed = data && (await inFreshSystem(context, queues, (system) => replay(context, system)));
  const memory = await inFreshSystem(context, queues, (system) => measureMemory(context, system, queues));
  const goals: Goal[] = [
    { figure: "minute.sessionMs.p50", below: 100 },
    { figure: "minute.sessionMs.p99", below: 100 },
    { figure: "minute.missed", exactly: 0, isInvariant: false },
    { figure: "crowd.missed", exactly: 0, isInvariant: false },
    { figure: "memory.redisBytes", below: 1_024 },
    ...(replayed
      ? ([
          { figure: "replay.gapPoints", below: 5 },
          { figure: "replay.unmutual", exactly: 0, isInvariant: true },
          { figure: "replay.unsettled", exactly: 0, isInvariant: false },
        ] as const)
      : []),
  ];
  return {
    figures: {
      minute: minute.figures,
      crowd: crowd.figures,
      memory,
      ...(replayed && { replay: replayed }),
    },
    rows: [
      ...rateRows("minute", "1,000 users/min, 200 wait"),
      ...rateRows("crowd", "100 users/s, 2,000 wait"),
      { figure: "memory.redisBytes", label: "memory for each who waits, beside its profile: Redis", unit: "bytes" },
      {
        figure: "memory.playserverBytes",
        label: "  the same: RSS of one playserver, what reading 20,000 at once left included",
        unit: "bytes",
      },
      ...(replayed ? REPLAY_ROWS : []),
    ],
    goals,
    notes: [
      `Of those who wait one in ${GROUPS} fits a newcomer, and takes it; it leaves the session and waits again, so that half of the users are newcomers and as many always wait.`,
      ...minute.notes,
      ...crowd.notes,
      ...(replayed
        ? []
        : ["The replay was left out: it needs --data FOLDER with the speed dating experiment's dates.csv.gz."]),
    ],
  };
};

const inFreshSystem = async (
  context: BenchContext,
  queues: string,
  measured: (system: BenchSystem) => Promise<Figures>,
): Promise<Figures> => {
  await using system = await startBenchSystem(context, queues);
  return await measured(system);
};
