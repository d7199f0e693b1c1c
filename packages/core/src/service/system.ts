import { randomBytes } from "node:crypto";
import type { Clock, Ids, Random } from "../ports.ts";

/** The real clock, chance and ids. Only main modules, the CLI and tests take them from here; the rest is given them. */

/**
 * Runs on evenly when the machine's clock is set while the process runs. The time that it began with may be wrong; who
 * needs the true one compares it with another's now and then, as the store does.
 */
export const systemClock: Clock = { now: () => Math.round(performance.timeOrigin + performance.now()) };

export const systemRandom: Random = { next: () => Math.random() };

// Letters and digits only, so that an id can be selected by a double click and starts no option on a command line.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
const randomText = (length: number): string => {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length + 8)) {
      // Bytes past the last whole multiple of the alphabet would favour its first letters.
      if (byte < 216 && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
};

/** 20 letters out of 54: 115 bits of chance. */
export const systemIds: Ids = {
  ticket: () => `t_${randomText(20)}`,
  match: () => `m_${randomText(20)}`,
  token: () => randomText(24),
};
