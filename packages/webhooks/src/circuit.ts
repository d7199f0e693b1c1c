import type { Random } from "@muster/core";

/** Failed tries in a row after which an endpoint counts as dead. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Keeps an endpoint that is dead from being tried by every message.
 *
 * closed: messages are sent. After five failures in a row → open: none is sent for a while, 5 s at first, twice as long
 * each time up to 5 min. Then half open: one at a time is sent; its failure opens the circuit again, its success closes
 * it. Tries that were under way when it opened change nothing while it is open.
 */
export interface Circuit {
  readonly state: "closed" | "open" | "half open";
  /** @returns for how many ms nothing may be sent, when this failure opened the circuit */
  failed(): number | undefined;
  /** @returns whether this success closed it */
  succeeded(): boolean;
  /** The pause is over. */
  probe(): void;
}

export const createCircuit = (random: Random): Circuit => {
  let state: Circuit["state"] = "closed";
  let failures = 0;
  let pauses = 0;
  return {
    get state() {
      return state;
    },
    failed: () => {
      failures += 1;
      if (state === "open" || (state === "closed" && failures < FAILURES)) return undefined;
      state = "open";
      const most = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(pauses, 30), LONGEST_PAUSE_MS);
      pauses += 1;
      // Several processes that found it dead together shouldn't come back together.
      return Math.round(most * (0.75 + 0.25 * random.next()));
    },
    succeeded: () => {
      const wasClosed = state === "closed";
      failures = 0;
      if (state === "open") return false;
      state = "closed";
      pauses = 0;
      return !wasClosed;
    },
    probe: () => {
      if (state === "open") state = "half open";
    },
  };
};
