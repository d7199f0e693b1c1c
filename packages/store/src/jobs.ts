import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import type { Keys } from "./keys.ts";
import type { PackedProposal } from "./matches/pack-proposal.ts";
import { connect, connectForWorker } from "./redis/connect.ts";

/**
 * The two kinds of work that services hand each other. A job is only a hint: whoever loses one costs its tickets the
 * time until they are due again (schedule.ts), so that jobs may be dropped whenever too many are outstanding.
 */
export interface SearchJob {
  /** Format of the job, that of its packed tickets included; a worker leaves what it doesn't know to the schedule. */
  v: 3;
  queue: string;
  /** Packed tickets that must be served. */
  serve: string[];
  /** Packed tickets that wait near them; may contain those to serve. */
  candidates: string[];
  /** Packed matches near them that look for players. Absent: none, or from a version that knew none. */
  open?: string[];
}

/** See pack-proposal.ts. */
export interface CommitJob {
  v: 3;
  queue: string;
  /** Name of the matchmaker that found them. */
  by?: string;
  proposals: PackedProposal[];
}

interface JobKinds {
  search: SearchJob;
  commit: CommitJob;
}

export type JobKind = keyof JobKinds;

/**
 * A dead worker's job is taken up again after about these two together. That is only tidying up: its tickets have come
 * due again long before.
 */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 15_000;
/**
 * Idle workers ask Redis this seldom; a new job wakes one at once. When that one dies before it has taken the job, the job
 * waits until another asks. And while as many jobs wait as may, no new one comes that would wake anybody.
 */
const IDLE_WAIT_S = 2;
const FAILED_KEPT = 100;
/** How long to wait for jobs under way, which take milliseconds: BullMQ waits without end while it has no connection. */
const CLOSE_LIMIT_MS = 3_000;

/**
 * Where jobs pile up, as while no mover leads, the newest proposals hold most often: tickets of the older ones have been
 * proposed again, changed or cancelled, and each would be a conflict to get past before the next match. Searches go by
 * turn.
 */
const IS_NEWEST_FIRST: Readonly<Record<JobKind, boolean>> = { search: false, commit: true };

export interface JobProducer<Kind extends JobKind> {
  add(job: JobKinds[Kind]): Promise<void>;
  /** Jobs that wait for a worker. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export const openProducer = <Kind extends JobKind>(
  kind: Kind,
  { url, keys, name }: { url: string; keys: Keys; name: string },
): JobProducer<Kind> => {
  const connection = connect(url, name, keys.partition);
  // It goes on trying by itself.
  connection.connect().catch(() => {});
  const queue = new Queue<JobKinds[Kind]>(kind, {
    prefix: keys.jobsPrefix,
    connection,
    skipVersionCheck: true,
    // A worker that loses Redis, or a mover that loses its lease, leaves the job to the next one.
    defaultJobOptions: { attempts: 3, removeOnComplete: true, removeOnFail: FAILED_KEPT, lifo: IS_NEWEST_FIRST[kind] },
  });
  // A lost connection shows in the calls that fail.
  queue.on("error", () => {});
  return {
    add: async (job) => {
      await queue.add(kind as never, job as never);
    },
    waiting: () => queue.getWaitingCount(),
    close: async () => {
      await withinLimit(queue.close());
      connection.disconnect();
    },
  };
};

export interface JobWorker {
  isReady(): boolean;
  /** Begins to take jobs; only where it was opened on hold. */
  run(): void;
  /** Takes no further job and waits for those under way, a few seconds at most. */
  close(): Promise<void>;
}

export const openWorker = <Kind extends JobKind>(
  kind: Kind,
  options: {
    url: string;
    keys: Keys;
    name: string;
    /** Jobs at a time. */
    concurrency: number;
    /** Connects, but takes no job before it is told to run. */
    onHold?: boolean;
    onError: (error: Error) => void;
    /** How long a job had waited when it was taken, in s, by its producer's clock and ours. */
    onTaken?: (delayS: number) => void;
  },
  work: (job: JobKinds[Kind]) => Promise<void>,
): JobWorker => {
  // Ours, so that it can be ended when BullMQ doesn't: a worker waits for Redis however long it takes.
  const connection = connectForWorker(options.url, `${options.name}-jobs`, options.keys.partition);
  const worker = new Worker<JobKinds[Kind]>(kind, (job) => work(job.data), {
    prefix: options.keys.jobsPrefix,
    connection,
    concurrency: options.concurrency,
    autorun: !options.onHold,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: 1,
    drainDelay: IDLE_WAIT_S,
    skipVersionCheck: true,
  });
  worker.on("error", options.onError);
  worker.on("active", ({ processedOn = 0, timestamp }) => {
    options.onTaken?.(Math.max(0, processedOn - timestamp) / 1_000);
  });
  return {
    isReady: () => worker.isRunning() && connection.status === "ready",
    run: () => void worker.run().catch(options.onError),
    close: async () => {
      await withinLimit(worker.close());
      connection.disconnect();
    },
  };
};

const withinLimit = (closing: Promise<void>): Promise<void> =>
  Promise.race([closing.catch(() => {}), sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
