import { MAX_EXAMINED } from "../nearest.ts";
import type { Seeker } from "../seeker.ts";
import { fillablePlaces } from "../split/pack-parties.ts";
import { leastPlayers } from "../split/split-rules.ts";
import { type Assembled, asMatch, isEvenEnough } from "./as-match.ts";
import { areListedInPart, type Composition, compositionsAround } from "./compositions.ts";
import { type Filling, fillMatch } from "./fill-match.ts";
import { NearList } from "./near-list.ts";
import { partyFitter } from "./party-fitter.ts";
import { replaceMembers } from "./replace-members.ts";
import type { TeamSearch } from "./team-search.ts";
import { isWithin, type Window, windowsAround } from "./windows.ts";

/** A large match looks at more neighbours than `MAX_EXAMINED`: pings may let only a part of them meet. */
const EXAMINED_PER_PLACE = 10;
/** So many matches found around one ticket are enough to choose from. */
const MAX_FOUND = 2;
/** Fills tried for one ticket in all, so that a ticket that suits nobody doesn't hold up the others. */
const MAX_FILLS = 60;

export interface Assembly {
  /** Undefined when no match was found. */
  readonly match: Assembled | undefined;
  /** The largest set that was found around the core, whether or not it makes a match. */
  readonly largest: readonly Seeker[];
}

/**
 * The best match that is found around a seeker: the fullest, and of these the one with the highest quality.
 *
 * Its nearest compatible neighbours fill the match (see `fillMatch`). When none had to be left out, no set is tighter.
 * Otherwise the same is tried inside each window (see `windowsAround`), and the set whose farthest member is nearest
 * counts. Where the queue limits how unlike parties may be, each composition of parties that is allowed and can be found
 * is filled in this way, the most alike first. The search is bounded, for finding the best set of all is a clique
 * problem.
 */
export const assembleMatch = (search: TeamSearch, core: Seeker): Assembly =>
  assemble(search, core, nearOf(search, core), () => false);

/**
 * The match of `assembleMatch` alone. When the first try fills none, and those around can't have the places of a match at
 * all, as when all want one role, no more is tried: nobody asks here how many would come together.
 */
export const findMatchAround = (search: TeamSearch, core: Seeker): Assembled | undefined => {
  const near = nearOf(search, core);
  let lacked: boolean | undefined;
  const isInVain = () => {
    lacked ??= lackPlaces(search, core, near);
    search.lackedPlaces = lacked;
    return lacked;
  };
  // Whoever is missing is so for many: then it is worth a look even before the first try.
  if (search.lackedPlaces && isInVain()) return undefined;
  return assemble(search, core, near, isInVain).match;
};

const assemble = (search: TeamSearch, core: Seeker, near: NearList, isInVain: () => boolean): Assembly => {
  const budget = { fills: MAX_FILLS, isInVain };
  const found: Assembled[] = [];
  let largest: readonly Seeker[] = [core];
  let level = -1;
  for (const composition of plansFor(search, core, near)) {
    if (found.length > 0 && (found.length >= MAX_FOUND || (composition?.level ?? 0) > level)) break;
    const filling = tightest(search, core, near, composition, budget);
    if (!filling) continue;
    if (playersOf(filling.members) > playersOf(largest)) largest = filling.members;
    const asFound = asMatch(search, filling.members, composition?.level);
    const match = asFound && replaceMembers(search, asFound, near);
    if (!match || !isEvenEnough(match)) continue;
    level = composition?.level ?? 0;
    found.push(match);
  }
  found.sort((a, b) => playersOf(b.members) - playersOf(a.members) || b.quality - a.quality);
  return { match: found[0], largest };
};

const nearOf = ({ total }: TeamSearch, core: Seeker): NearList =>
  new NearList(core, Math.max(MAX_EXAMINED, EXAMINED_PER_PLACE * total));

const lackPlaces = ({ queue, slots }: TeamSearch, core: Seeker, near: NearList): boolean => {
  if (!slots) return false;
  const least = leastPlayers(queue, core.criteria.openPlaces).reduce((sum, players) => sum + players, 0);
  return !slots.canSeat(least, near.withCore());
};

const playersOf = (members: readonly Seeker[]): number => members.reduce((sum, { size }) => sum + size, 0);

/** What to fill in turn; undefined stands for parties as they come. */
const plansFor = ({ compositions, queue }: TeamSearch, core: Seeker, near: NearList): (Composition | undefined)[] => {
  if (!compositions) return [undefined];
  const plans = compositionsAround(compositions, core, near.all());
  return areListedInPart(queue) ? [...plans, undefined] : plans;
};

interface Budget {
  fills: number;
  /** Asked once a try has filled no match. */
  isInVain: () => boolean;
}

/** The fullest set, and of equally full ones the tightest. */
const tightest = (
  search: TeamSearch,
  core: Seeker,
  near: NearList,
  composition: Composition | undefined,
  budget: Budget,
): Filling | undefined => {
  const { queue, total, withParties, slots, held } = search;
  const places = queue.teamShapes.map(({ max }) => max);
  const fillable = withParties && !composition ? fillableAround(search, core, near) : undefined;
  let best: Filling | undefined;
  for (const window of windowsAround(core)) {
    const isFull = best?.players === total;
    // Until a match is found, each window is one more try with all that are near: count before looking closer.
    if (best && !isFull && playersWithin(window, core, near) <= best.players) continue;
    if (best && !isFull && budget.isInVain()) budget.fills = 0;
    if (budget.fills-- <= 0) break;
    const filling = fillMatch({
      ...{ core, near, total, window, composition, held },
      partyFits: fillable && partyFitter(places, fillable),
      slotFits: slots?.newFitter(),
      below: isFull && best ? best.radius : Infinity,
    });
    // It doesn't depend on the window whether the core itself has a place.
    if (!filling) return undefined;
    if (!best || filling.players > best.players || (filling.players === best.players && filling.radius < best.radius)) {
      best = filling;
    }
    if (best.players === total && filling.leftNoneOut) break;
  }
  return best;
};

/** Numbers of open places in a team that the tickets around can fill, or that the core lets stay open. */
const fillableAround = ({ queue }: TeamSearch, core: Seeker, near: NearList): Set<number> => {
  const most = Math.max(...queue.teamShapes.map(({ max }) => max));
  const sizes = [core.size, ...near.all().map(({ size }) => size)];
  const fillable = fillablePlaces(sizes, most);
  const least = leastPlayers(queue, core.criteria.openPlaces);
  const slack = Math.max(...queue.teamShapes.map(({ max }, team) => max - (least[team] ?? max)));
  return new Set([...fillable].flatMap((places) => Array.from({ length: slack + 1 }, (_, more) => places + more)));
};

const playersWithin = (window: Window, core: Seeker, near: NearList): number =>
  near.all().reduce((sum, seeker) => (isWithin(window, seeker) ? sum + seeker.size : sum), core.size);
