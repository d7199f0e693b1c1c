import { compatible } from "../compatible.ts";
import { winProbability } from "../quality.ts";
import { canJoin, type JointTerms, join } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import { type Assembled, asMatch, isEvenEnough } from "./as-match.ts";
import type { NearList } from "./near-list.ts";
import type { TeamSearch } from "./team-search.ts";

/** A match whose chance of winning is this near to even needs no better members: a split of solo players nearly always is. */
const EVEN_ENOUGH = 0.02;
/** Neighbours outside of the match that are tried in each member's place. */
const MAX_REPLACEMENTS = 4;
const MAX_ROUNDS = 2;

/**
 * Betters a match that its split can't even: each member but the core is tried against the next neighbours of its size,
 * and the exchange that raises quality most is made. But none that makes the match less even than its tickets ask.
 *
 * @param near the core's neighbours, nearest first
 */
export const replaceMembers = (search: TeamSearch, match: Assembled, near: NearList): Assembled => {
  let best = match;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (isEvenEnough(best) && winProbability(best.split.strengthGap) - 0.5 <= EVEN_ENOUGH) return best;
    const better = bestReplacement(search, best, near);
    if (!better) return best;
    best = better;
  }
  return best;
};

const bestReplacement = (search: TeamSearch, match: Assembled, near: NearList): Assembled | undefined => {
  const inside = new Set(match.members);
  const hasServed = (members: readonly Seeker[]) => members.some(({ served }) => served);
  /** By size. */
  const outside = new Map<number, readonly Seeker[]>();
  let best: Assembled | undefined;
  for (const [place, member] of match.members.entries()) {
    if (place === 0) continue;
    let others = outside.get(member.size);
    if (!others) {
      others = nearestOutside(search, inside, near, member.size);
      outside.set(member.size, others);
    }
    for (const other of others) {
      const members = match.members.with(place, other);
      if (!hasServed(members) || !canMeet(members, other)) continue;
      const candidate = asMatch(search, members, match.split.premade);
      if (candidate && isBetter(candidate, best ?? match)) best = candidate;
    }
  }
  return best;
};

/** The nearest neighbours of one size who are in no match: as many as are tried in a member's place. */
const nearestOutside = (search: TeamSearch, inside: ReadonlySet<Seeker>, near: NearList, size: number): Seeker[] => {
  const found: Seeker[] = [];
  for (let index = 0; found.length < MAX_REPLACEMENTS; index++) {
    const other = near.at(index);
    if (!other) break;
    if (other.size === size && !inside.has(other) && !search.held.has(other)) found.push(other);
  }
  return found;
};

const isBetter = (one: Assembled, other: Assembled): boolean => {
  const [isEven, wasEven] = [isEvenEnough(one), isEvenEnough(other)];
  return isEven === wasEven ? one.quality > other.quality : isEven;
};

/** Whether one of these suits all others, which suit each other, and all have in common what they must. */
const canMeet = (members: readonly Seeker[], newcomer: Seeker): boolean => {
  let joint: JointTerms | undefined;
  for (const member of members) {
    if (member !== newcomer && !compatible(member, newcomer)) return false;
    if (!member.terms) continue;
    if (joint && !canJoin(joint, member.terms)) return false;
    joint = joint ? join(joint, member.terms) : member.terms;
  }
  return true;
};
