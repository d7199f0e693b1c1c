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
/** The letter of each byte; 0 for the last ones, which are no whole multiple of the alphabet and would favour its first. */
const LETTERS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 256 - (256 % ALPHABET.length) ? ALPHABET.charCodeAt(byte % ALPHABET.length) : 0,
);
/** Letters drawn at a time: to ask for chance costs far more than chance itself. */
const POOL_LETTERS = 4_096;
const pool = { letters: "", used: 0 };

const drawLetters = (): string => {
  const letters = Buffer.alloc(POOL_LETTERS);
  let drawn = 0;
  while (drawn < POOL_LETTERS) {
    const bytes = randomBytes(POOL_LETTERS);
    // Not `for … of`, with which an id takes twice as long.
    for (let index = 0; index < bytes.length && drawn < POOL_LETTERS; index++) {
      const letter = LETTERS[bytes[index] ?? 0] ?? 0;
      if (letter !== 0) letters[drawn++] = letter;
    }
  }
  return letters.toString("latin1");
};

/** @param length far fewer than POOL_LETTERS */
const randomText = (length: number): string => {
  if (pool.used + length > pool.letters.length) {
    pool.letters = drawLetters();
    pool.used = 0;
  }
  // Each letter is given out once.
  pool.used += length;
  return pool.letters.slice(pool.used - length, pool.used);
};

/** 20 letters out of 54: 115 bits of chance. */
export const systemIds: Ids = {
  ticket: () => `t_${randomText(20)}`,
  match: () => `m_${randomText(20)}`,
  token: () => randomText(24),
};
