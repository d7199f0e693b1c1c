import type { Logger } from "@muster/core/service";
import { addFault, type Doctor, type FaultsLeft, type Store } from "@muster/store";

/** How often all is looked at while nothing happens to Redis. */
const EVERY_MS = 10 * 60_000;
/** How often is looked whether something did. */
const LOOK_EVERY_MS = 2_000;

export interface ReconcilingDeps {
  store: Pick<Store, "takeDoctorLease" | "dropDoctorLease">;
  openDoctor(): Promise<Pick<Doctor, "examine" | "mend" | "tell" | "close">>;
  /** Called after each look. */
  raiseFormat(): Promise<void>;
}

/**
 * Finds and mends what a crash or a fail-over of Redis has left, until it is closed: at the start, when Redis is another
 * run than it was, and each ten minutes; of all sweepers one does. Each mend is an event, and what can't be mended is
 * left where the monitor reads it.
 */
export const startReconciling = (deps: ReconcilingDeps, log: Logger): { close(): Promise<void> } => {
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const next = (sleepMs: number) => {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => {
      running = reconcileWhenDue(deps, log, closing.signal)
        .catch((error) => {
          // Another sweeper begins anew.
          if (!closing.signal.aborted) log.warn({ err: error }, "looking for what is wrong failed; it is tried again");
        })
        .then(() => next(LOOK_EVERY_MS));
    }, sleepMs);
  };
  next(0);
  return {
    async close() {
      closing.abort();
      clearTimeout(timer);
      await running;
    },
  };
};

/** @throws what the store or the doctor does, or the signal's reason; then it is due again at once */
export const reconcileWhenDue = async (
  { store, openDoctor, raiseFormat }: ReconcilingDeps,
  log: Logger,
  signal?: AbortSignal,
): Promise<void> => {
  if (!(await store.takeDoctorLease(EVERY_MS))) return;
  try {
    const doctor = await openDoctor();
    try {
      const left: FaultsLeft = { count: 0, told: [] };
      for await (const fault of doctor.examine(signal)) {
        const outcome = await doctor.mend(fault);
        log.warn({ fault: fault.text, outcome }, "something was wrong with what is kept");
        if (outcome === "left") addFault(left, fault);
      }
      await doctor.tell(left);
      await raiseFormat();
    } finally {
      await doctor.close();
    }
  } catch (error) {
    await store.dropDoctorLease().catch(() => {});
    throw error;
  }
};
