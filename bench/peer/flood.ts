import { setTimeout as sleep } from "node:timers/promises";
import { type Crowd, readCrowd } from "../pipeline/crowd.ts";
import { wallNow } from "../pipeline/wall-now.ts";

/** As many players as a matchmaker takes: the next ones come as soon as earlier ones were told of their match. */
export interface Flood {
  crowd: string;
  seed: number;
  /** It ends when so many were told, or after `forMs`. */
  count: number;
  forMs: number;
  /** Players that may be on their way at once. */
  inFlight: number;
}

/** When each player was told, ms since the epoch; NaN for who wasn't. */
export type ToldAt = Float64Array;

/**
 * The flood within one process.
 *
 * @param join puts the players with these numbers into the queue; resolves when the queue has them
 */
export const flood = async (
  { crowd: name, seed, count, forMs, inFlight }: Flood,
  join: (crowd: Crowd, players: number[], told: (player: number) => void) => Promise<void>,
): Promise<ToldAt> => {
  const crowd = await readCrowd(name, seed);
  const toldAt = new Float64Array(count).fill(Number.NaN);
  const endAt = wallNow() + forMs;
  let [sent, toldOf] = [0, 0];
  const told = (player: number) => {
    if (!Number.isNaN(toldAt[player])) throw new Error(`player ${player} was told twice`);
    toldAt[player] = wallNow();
    toldOf += 1;
  };
  const joining = new Set<Promise<void>>();
  while (wallNow() < endAt) {
    while (sent < count && sent - toldOf < inFlight && joining.size < AT_ONCE) {
      const players = Array.from({ length: Math.min(TOGETHER, count - sent) }, (_, n) => sent + n);
      sent += players.length;
      const call = join(crowd, players, told).finally(() => joining.delete(call));
      joining.add(call);
    }
    await sleep(1);
  }
  await Promise.all(joining);
  return toldAt;
};

const AT_ONCE = 32;
const TOGETHER = 50;

/** Players per second, from when a tenth of those who were told knew until nine tenths did. */
export const floodRate = (toldAt: ToldAt): number => {
  const times = toldAt.filter((at) => !Number.isNaN(at)).sort();
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  const elapsedMs = at(0.9) - at(0.1);
  return elapsedMs > 0 ? (0.8 * times.length * 1_000) / elapsedMs : 0;
};
