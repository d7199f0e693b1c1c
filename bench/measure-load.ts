import { LOAD_DEFAULTS, type LoadOptions, type LoadProgress, type LoadReport } from "@muster/cli";
import type { BenchContext, Figures, Goal, Row } from "./bench.ts";
import { type CpuReading, type CpuUse, cpuBetween, noteOfOthers, readCpu, sumOf } from "./cpu.ts";
import { runLoadProcess } from "./load.ts";
import { type RedisInfo, watchRedis } from "./redis-info.ts";
import { type BenchSystem, SUPERVISOR } from "./system.ts";

/** A load on a whole system, and what the machine spent on it while the players arrived. */
export interface MeasuredLoad {
  report: LoadReport;
  figures: Figures;
  notes: string[];
}

/** The name of the load generator among the processes. */
const LOAD = "load";
/** The last reading is taken this long before the arrivals end: progress comes four times a second. */
const READ_BEFORE_END_MS = 500;

interface Reading {
  cpu: CpuReading | null;
  redis: Promise<RedisInfo | null>;
  matched: number;
}

export const measureLoad = async (
  context: BenchContext,
  system: BenchSystem,
  options: Pick<LoadOptions, "rate" | "forMs"> & Partial<LoadOptions>,
  /** Called when the first players arrive. */
  onArrivals: () => void = () => {},
): Promise<MeasuredLoad> => {
  const load: LoadOptions = { ...LOAD_DEFAULTS, seed: context.seed, ...options, url: system.url };
  context.signal.throwIfAborted();
  context.say(`${load.rate} players/s for ${load.forMs / 1_000} s in ${load.queue}`);
  const redis = await watchRedis(system.redisUrl);
  try {
    let loadPid: number | undefined;
    const readings: { first?: Reading; last?: Reading } = {};
    const take = (progress: LoadProgress): Reading => ({
      cpu: readCpu([...system.measured(), { name: LOAD, pid: loadPid }]),
      // Without an answer, what depends on it counts as not measured.
      redis: redis.read().catch(() => null),
      matched: progress.matched,
    });
    const report = await runLoadProcess(
      load,
      {
        started: (pid) => {
          loadPid = pid;
        },
        progress: (progress) => {
          context.show(progress);
          if (!readings.first) {
            readings.first = take(progress);
            onArrivals();
          } else if (!readings.last && progress.elapsedMs >= load.forMs - READ_BEFORE_END_MS) {
            readings.last = take(progress);
          }
        },
      },
      context.signal,
    );
    const { first, last } = readings;
    const use = first?.cpu && last?.cpu ? cpuBetween(first.cpu, last.cpu) : null;
    return {
      report,
      figures: {
        ...loadFigures(report),
        ...(use && { cores: coresByRole(system, use) }),
        redisMicrosPerPlayer: first && last ? await redisMicrosPerPlayer(first, last) : null,
      },
      notes: [...notesOf(report), ...(use ? noteOfOthers(use.otherCores) : ["CPU can only be measured on Linux."])],
    };
  } finally {
    await redis.close();
  }
};

const loadFigures = (report: LoadReport): Figures => {
  const { waitMs, notifyMs, eloGap, pingGapMs, seconds, notSent, invalid, unanswered } = report;
  const { enqueued, matched, cancelled, expired, waiting, lost, duplicates } = report;
  return {
    ...{ playersPerSecond: enqueued / seconds, enqueued, matched, cancelled, expired, waiting },
    ...{ lost, duplicates, invalid, notSent, unanswered, refused: sumOf(Object.values(report.refused)) },
    waitMs: { ...waitMs },
    notifyMs: { ...notifyMs },
    eloGap: { ...eloGap },
    pingGapMs: { ...pingGapMs },
  };
};

/** Everything that Redis did, divided by the players of the load alone: what else goes on counts as its cost. */
const redisMicrosPerPlayer = async (first: Reading, last: Reading): Promise<number | null> => {
  const [before, after] = await Promise.all([first.redis, last.redis]);
  const matched = last.matched - first.matched;
  return before && after && matched > 0 ? (after.cpuMicros - before.cpuMicros) / matched : null;
};

/** Cores by who uses them, and of Muster's own by role. */
const coresByRole = (system: BenchSystem, { cores, otherCores }: CpuUse): Figures => {
  const byRole: Record<string, number> = {};
  for (const [name, used] of cores) {
    const role = system.roleOf(name);
    byRole[role] = (byRole[role] ?? 0) + used;
  }
  const { redis = 0, nginx = 0, [LOAD]: load = 0, [SUPERVISOR]: supervisor = 0, ...services } = byRole;
  return { muster: sumOf(Object.values(services)), ...services, redis, nginx, load, supervisor, others: otherCores };
};

const notesOf = ({ examples, reconnects, notSent, clockSkewMs }: LoadReport): string[] => [
  ...(notSent > 0 ? [`${notSent} arrivals were not sent: the offered rate was lower than asked for.`] : []),
  ...(reconnects > 0 ? [`The realm's WebSocket was lost and opened again ${reconnects} times.`] : []),
  ...(clockSkewMs > 0 ? [`Notifications came up to ${clockSkewMs} ms before what they tell of.`] : []),
  ...examples,
];

export const LOAD_ROWS: readonly Row[] = [
  { figure: "playersPerSecond", label: "players accepted", unit: "/s" },
  { figure: "matched", label: "matched" },
  { figure: "waiting", label: "waiting at the end" },
  { figure: "lost", label: "lost" },
  { figure: "duplicates", label: "duplicates" },
  { figure: "invalid", label: "invalid" },
  { figure: "notifyMs.p50", label: "commit to notification p50", unit: "ms" },
  { figure: "notifyMs.p99", label: "commit to notification p99", unit: "ms" },
  { figure: "waitMs.p50", label: "wait p50", unit: "ms" },
  { figure: "waitMs.p90", label: "wait p90", unit: "ms" },
  { figure: "waitMs.p99", label: "wait p99", unit: "ms" },
  { figure: "eloGap.mean", label: "elo gap mean" },
  { figure: "eloGap.p95", label: "elo gap p95" },
];

export const COST_ROWS: readonly Row[] = [
  { figure: "cores.muster", label: "CPU of Muster's services", unit: "cores" },
  { figure: "cores.redis", label: "CPU of Redis", unit: "cores" },
  { figure: "cores.nginx", label: "CPU of nginx", unit: "cores" },
  { figure: "cores.load", label: "CPU of the load generator", unit: "cores" },
  { figure: "cores.supervisor", label: "CPU of the bench itself", unit: "cores" },
  { figure: "cores.others", label: "CPU of everything else here", unit: "cores" },
  { figure: "redisMicrosPerPlayer", label: "CPU of Redis per matched player", unit: "µs" },
];

/** `invalid` counts what can't be true at the same time: as wrong as a player in two matches. */
export const INVARIANTS: readonly Goal[] = ["lost", "duplicates", "invalid"].map((figure) => ({
  figure,
  exactly: 0,
  isInvariant: true,
}));
