import { isDuel, type Queue } from "@muster/core";
import { type Comparable, compatible } from "./compatible.ts";
import { leastPlayers } from "./split/split-rules.ts";
import { accepts, areListedInPart, compositionsOf, SizeCounts } from "./teams/compositions.ts";

/** A ticket as a glance sees it. */
export interface Companion extends Comparable {
  /** Players. */
  readonly size: number;
}

/** Among more than these around a ticket are nearly always enough that suit each other, and each is compared with all. */
const MOST_COMPARED = 64;

/**
 * Whether a ticket and some of those around it may be a match, as far as two at a time can tell. In a match all are
 * compatible with each other. So whoever meets too few of the others, or not the sizes that it would have to meet, is in
 * none of the ticket's; without it others meet fewer, and so on until nobody more is dropped. What is left is a k-core
 * (S. Seidman, "Network structure and minimum degree", 1983), and every match of the ticket lies within.
 *
 * @param around those that are compatible with it
 */
export const hasCompany = (queue: Queue, own: Companion, around: readonly Companion[]): boolean => {
  const least = leastPlayers(queue, own.criteria.openPlaces).reduce((sum, players) => sum + players, 0);
  let players = around.reduce((sum, { size }) => sum + size, own.size);
  if (players < least) return false;
  if (isDuel(queue)) return true;

  const accepted = areListedInPart(queue) ? undefined : compositionsOf(queue)?.filter((each) => accepts(own, each));
  const counts = accepted && new SizeCounts([own, ...around]);
  const isLeft = new Uint8Array(around.length).fill(1);
  /** @param meets for each of those around, 1 if the one may be in a match with it */
  const meetsEnough = (one: Companion, meets?: Uint8Array): boolean => {
    let met = own.size;
    counts?.clear();
    counts?.add(own);
    for (let place = 0; place < around.length; place++) {
      const other = around[place];
      if (other === undefined || isLeft[place] === 0 || meets?.[place] === 0) continue;
      met += other.size;
      counts?.add(other);
    }
    if (met < least) return false;
    return !accepted || accepted.some((each) => accepts(one, each) && counts?.areEnoughFor(each));
  };
  if (!meetsEnough(own)) return false;
  if (around.length > MOST_COMPARED) return true;

  const meets: (Uint8Array | undefined)[] = new Array(around.length);
  let left = around.length;
  // Once all that are left were looked at in a row, nobody more is dropped.
  for (let index = 0, seen = 0; seen < left; index = (index + 1) % around.length) {
    const one = around[index];
    if (one === undefined || isLeft[index] === 0) continue;
    seen++;
    meets[index] ??= meetingsOf(one, around);
    if (meetsEnough(one, meets[index])) continue;
    isLeft[index] = 0;
    left--;
    seen = 0;
    players -= one.size;
    if (players < least) return false;
  }
  return meetsEnough(own);
};

const meetingsOf = (one: Companion, all: readonly Companion[]): Uint8Array => {
  const meets = new Uint8Array(all.length);
  for (let index = 0; index < all.length; index++) {
    const other = all[index];
    if (other !== undefined && (other === one || compatible(one, other))) meets[index] = 1;
  }
  return meets;
};
