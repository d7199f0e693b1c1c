import type { Logger } from "@muster/core/service";
import type { Store } from "@muster/store";

/**
 * Who of a partition's movers commits.
 *
 * A mover begins as a standby: at every beat it asks for the lease, and takes it when nobody holds it. Taking it writes
 * the fence with the mover's own token in the same step, so a leader of before can't commit from then on. It leads as
 * long as it renews the lease at every beat. It steps down when another mover holds the lease, when a commit met
 * another's fence, or when it couldn't renew for as long as the lease holds; then it is a standby again. A leader that
 * is told to stop gives the lease up, so that a standby takes it at its next beat.
 *
 * The lease only decides who should try. That nobody else can is the fence's work, in every commit.
 */
export interface Leadership {
  isLeader(): boolean;
  /** A commit has met another mover's fence. */
  stepDown(): void;
  close(): Promise<void>;
}

export interface LeadershipOptions {
  store: Pick<Store, "holdLease" | "releaseLease">;
  token: string;
  leaseMs: number;
  log: Logger;
  /** Begins to lead; resolves to what ends it. */
  lead: () => () => Promise<void>;
}

/** Three renewals may fail in a row before the lease runs out. */
const BEATS_PER_LEASE = 4;

export const startLeadership = ({ store, token, leaseMs, log, lead }: LeadershipOptions): Leadership => {
  const beatMs = leaseMs / BEATS_PER_LEASE;
  let stopLeading: (() => Promise<void>) | undefined;
  let stopping: Promise<void> = Promise.resolve();
  let missed = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const follow = (reason: string) => {
    const stop = stopLeading;
    stopLeading = undefined;
    if (!stop) return;
    log.warn({ reason }, "leads no more");
    // Not waited for: what is under way is fenced, and the beats must go on.
    stopping = stop().catch((error) => log.warn({ err: error }, "what a leader runs did not stop"));
  };

  const beat = async () => {
    try {
      const held = await store.holdLease(token, leaseMs);
      missed = 0;
      if (held === "other") follow("another mover holds the lease");
      else if (!stopLeading && !closed) {
        log.info({ fence: token.slice(0, 6) }, "leads");
        stopLeading = lead();
      }
    } catch (error) {
      missed += 1;
      if (missed >= BEATS_PER_LEASE) follow(`the lease could not be renewed: ${error}`);
    }
  };

  let beating: Promise<void> = Promise.resolve();
  const next = () => {
    if (closed) return;
    timer = setTimeout(() => {
      beating = beat().then(next);
    }, beatMs);
  };
  beating = beat().then(next);

  return {
    isLeader: () => stopLeading !== undefined,
    stepDown: () => follow("a commit met another mover's fence"),
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
