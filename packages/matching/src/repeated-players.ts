import type { Waiting } from "./gather.ts";

/** Bits per player: so of a hundred thousand different ids about fifteen hundred are looked at twice. */
const BITS_PER_PLAYER = 32;
const HASH_BITS = 32;

/**
 * The ids of players who are in more than one of the tickets. Empty, as nearly always, when there is none.
 *
 * A set of all ids costs as much as finding the matches does. So each id first sets the bit of its hash, and only those
 * are compared whose bit was set twice.
 */
export const repeatedPlayers = (waiting: readonly Waiting[]): ReadonlySet<string> => {
  let players = 0;
  for (const { ticket } of waiting) players += ticket.players.length;
  // At least a word of bits: a shift by all 32 bits of a hash would be none.
  const bits = Math.min(HASH_BITS - 1, Math.max(5, Math.ceil(Math.log2(players * BITS_PER_PLAYER + 1))));
  const [once, twice] = [new Uint32Array(2 ** (bits - 5)), new Uint32Array(2 ** (bits - 5))];
  const hashes = new Uint32Array(players);
  let at = 0;
  for (const { ticket } of waiting) {
    for (const { id } of ticket.players) {
      const hash = hashOf(id) >>> (HASH_BITS - bits);
      hashes[at++] = hash;
      const bit = 1 << (hash & 31);
      const known = once[hash >>> 5] ?? 0;
      once[hash >>> 5] = known | bit;
      if (known & bit) twice[hash >>> 5] = (twice[hash >>> 5] ?? 0) | bit;
    }
  }

  const seen = new Set<string>();
  const repeated = new Set<string>();
  at = 0;
  for (const { ticket } of waiting) {
    for (const player of ticket.players) {
      const hash = hashes[at++] ?? 0;
      if (((twice[hash >>> 5] ?? 0) & (1 << (hash & 31))) === 0) continue;
      if (seen.has(player.id)) repeated.add(player.id);
      seen.add(player.id);
    }
  }
  return repeated;
};

/** FNV-1a of Fowler, Noll and Vo, over UTF-16 units, and mixed once more: the highest bits are what is used. */
const hashOf = (id: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
};
