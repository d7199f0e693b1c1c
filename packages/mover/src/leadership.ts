import type { Logger } from "@muster/core/service";
import type { Store } from "@muster/store";

/**
 * Who of a partition's movers commits.
 *
 * A mover begins as a standby: at every beat it asks for the lease, and when that would run out, and takes it when nobody
 * holds it. Taking it writes the fence with the mover's own token in the same step, so a leader of before can't commit from then on. It leads as
 * long as it renews the lease at every beat. It steps down when another mover holds the lease, when a commit met
 * another's fence, or when it couldn't renew for as long as the lease holds; then it is a standby again. A leader that
 * is told to stop gives the lease up, so that a standby takes it at its next beat.
 *
 * Where there are several partitions, each has a leadership of its own at every mover. A standby that leads more
 * partitions than another lets others have a free lease first: it takes one that is still free after LETS_PASS beats. A leader
 * that hands over is such a standby for a while.
 *
 * The lease only decides who should try. That nobody else can is the fence's work, in every commit.
 */
export interface Leadership {
  isLeader(): boolean;
  /** A commit has met another mover's fence. */
  stepDown(): void;
  /** Gives the lease up to another mover that wants it. Succeeds when it leads no more, or led not. */
  handOver(): Promise<void>;
  close(): Promise<void>;
}

export interface LeadershipOptions {
  store: Pick<Store, "holdLease" | "releaseLease" | "leaseLeftMs">;
  token: string;
  leaseMs: number;
  log: Logger;
  /** Begins to lead; resolves to what ends it. */
  lead: () => () => Promise<void>;
  /** The leader has missed a beat: this standby may have to lead soon. Called at each beat while that is so. */
  getReady?: () => void;
  /** The leader renews in time, so that what was made ready is not needed. Called at each beat while that is so. */
  standEasy?: () => void;
  /** Whether others should have a free lease first. Absent: no. */
  yields?: () => boolean;
}

/** Three renewals may fail in a row before the lease runs out. */
const BEATS_PER_LEASE = 4;
/** A leader that lives has renewed it before so little of it is left. */
const LATE_BELOW_SHARE = 0.5;
/** Beats for which a mover leaves a free lease to others: each of them asks in that time. */
const LETS_PASS = 1;
/** Beats for which one that handed over leaves it to others. */
const STAYS_BACK = 8;
/** A standby asks so long after the lease would run out, in Redis' ms and its own. */
const AFTER_MS = 2;

export const startLeadership = ({
  store,
  token,
  leaseMs,
  log,
  lead,
  getReady = () => {},
  standEasy = () => {},
  yields = () => false,
}: LeadershipOptions): Leadership => {
  const beatMs = leaseMs / BEATS_PER_LEASE;
  let stopLeading: (() => Promise<void>) | undefined;
  let stopping: Promise<void> = Promise.resolve();
  let missed = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let handingOver = false;
  /** Beats in a row at which the lease was free and left to others. */
  let passed = 0;
  let staysBackFor = 0;

  /** @returns ms for which the lease is still held, when this beat is left to others */
  const letPass = async (): Promise<number | undefined> => {
    if (handingOver) return 0;
    if (stopLeading) return undefined;
    if (staysBackFor > 0) staysBackFor -= 1;
    else if (!yields()) return undefined;
    const leftMs = await store.leaseLeftMs();
    passed = leftMs === 0 ? passed + 1 : 0;
    return passed <= LETS_PASS ? leftMs : undefined;
  };

  /** @returns a beat as ever, or when the lease of one who died runs out: that makes a fail-over a beat shorter */
  const waitFor = (leftMs: number): number => {
    if (leftMs === 0) return beatMs;
    if (leftMs < LATE_BELOW_SHARE * leaseMs) getReady();
    else standEasy();
    return Math.min(beatMs, leftMs + AFTER_MS);
  };

  const follow = (reason: string) => {
    const stop = stopLeading;
    stopLeading = undefined;
    if (!stop) return;
    log.warn({ reason }, "leads no more");
    // Not waited for: what is under way is fenced, and the beats must go on.
    stopping = stop().catch((error) => log.warn({ err: error }, "what a leader runs did not stop"));
  };

  /** @returns ms until the next one */
  const beat = async (): Promise<number> => {
    try {
      const othersLeftMs = await letPass();
      if (othersLeftMs !== undefined) return waitFor(othersLeftMs);
      passed = 0;
      const held = await store.holdLease(token, leaseMs);
      missed = 0;
      if (held === "other") {
        follow("another mover holds the lease");
        return waitFor(await store.leaseLeftMs());
      }
      if (!stopLeading && !closed) {
        log.info({ fence: token.slice(0, 6) }, "leads");
        stopLeading = lead();
      }
    } catch (error) {
      missed += 1;
      if (missed >= BEATS_PER_LEASE) follow(`the lease could not be renewed: ${error}`);
    }
    return beatMs;
  };

  let beating: Promise<void> = Promise.resolve();
  const next = (inMs: number) => {
    if (closed) return;
    timer = setTimeout(() => {
      beating = beat().then(next);
    }, inMs);
  };
  beating = beat().then(next);

  return {
    isLeader: () => stopLeading !== undefined,
    stepDown: () => follow("a commit met another mover's fence"),
    async handOver() {
      const stop = stopLeading;
      if (!stop || handingOver) return;
      handingOver = true;
      stopLeading = undefined;
      staysBackFor = STAYS_BACK;
      try {
        await stop();
        await store.releaseLease(token).catch(() => {});
      } finally {
        handingOver = false;
      }
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await beating;
      const stop = stopLeading;
      stopLeading = undefined;
      await stopping;
      if (!stop) return;
      await stop();
      // A Redis that is gone lets the lease run out by itself.
      await store.releaseLease(token).catch(() => {});
    },
  };
};
