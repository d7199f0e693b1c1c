import { compatible } from "./compatible.ts";
import { NearList } from "./near-list.ts";
import { MAX_EXAMINED } from "./nearest.ts";
import { fillablePlaces, type TeamSizes } from "./pack-parties.ts";
import { type PartyFitter, partyFitter } from "./party-fitter.ts";
import { canJoin, type JointTerms, join } from "./rules/terms.ts";
import type { Seeker } from "./seeker.ts";
import { isWithin, type Window, windowsAround } from "./windows.ts";

/** A large match looks at more neighbours than `MAX_EXAMINED`: pings may let only a part of them meet. */
const EXAMINED_PER_PLACE = 10;

/**
 * A full match around a served seeker: the tightest of the sets that were found, that is, the one whose farthest
 * member by elo is nearest.
 *
 * Its nearest compatible neighbours are added one by one, each if it is compatible with all members so far, has a
 * region and the wanted values in common with all of them together, and its party still fits. When none had to be left out, no set is tighter. Otherwise the same is tried inside each window
 * (see `windowsAround`). The search is bounded, for finding the tightest set of all is a clique problem.
 *
 * @param withParties whether any ticket around may hold more than one player
 * @returns the members, the served one first; undefined when no full match was found
 */
export const assembleMatch = (served: Seeker, teams: TeamSizes, withParties: boolean): Seeker[] | undefined => {
  const total = teams.count * teams.size;
  const near = new NearList(served, Math.max(MAX_EXAMINED, EXAMINED_PER_PLACE * total));
  const sizes = withParties ? near.all().map(({ size }) => size) : [];
  const fillable = fillablePlaces(sizes, teams.size);
  let tightest: Filling | undefined;
  for (const [index, window] of windowsAround(served).entries()) {
    // Until a match is found, each window is one more try with all that are near: count before looking closer.
    if (index > 0 && !tightest && served.size + playersWithin(window, near.all()) < total) continue;
    const joins = withParties ? partyFitter(teams, fillable) : undefined;
    const filling = fill({ served, near, total, window, joins, below: tightest?.radius ?? Infinity });
    if (filling) tightest = filling;
    if (filling?.leftNoneOut) break;
  }
  return tightest?.members;
};

interface Filling {
  readonly members: Seeker[];
  /** Largest distance of elo from the served seeker. */
  readonly radius: number;
  readonly leftNoneOut: boolean;
}

interface FillOrder {
  readonly served: Seeker;
  readonly near: NearList;
  readonly total: number;
  readonly window: Window;
  /** Undefined when all are solo players: they always fit. */
  readonly joins: PartyFitter | undefined;
  /** Only a set with a smaller radius than this is wanted. */
  readonly below: number;
}

const fill = ({ served, near, total, window, joins, below }: FillOrder): Filling | undefined => {
  const members = [served];
  let open = total - served.size;
  let leftNoneOut = true;
  // What the members so far have in common; undefined when the queue asks for nothing of the kind.
  let joint: JointTerms | undefined = served.terms;
  // False for a party that nobody around completes to a team.
  if (joins?.(served.size) === false) return undefined;
  for (let index = 0; ; index++) {
    const other = near.at(index);
    if (!other) return undefined;
    const radius = Math.abs(other.elo - served.elo);
    if (radius >= below) return undefined;
    if (
      other.size > open ||
      !isWithin(window, other) ||
      !members.every((member) => compatible(member, other)) ||
      (joint && other.terms && !canJoin(joint, other.terms)) ||
      joins?.(other.size) === false
    ) {
      leftNoneOut = false;
      continue;
    }
    members.push(other);
    if (joint && other.terms) joint = join(joint, other.terms);
    open -= other.size;
    if (open === 0) return { members, radius, leftNoneOut };
  }
};

const playersWithin = (window: Window, seekers: readonly Seeker[]): number =>
  seekers.reduce((sum, seeker) => (isWithin(window, seeker) ? sum + seeker.size : sum), 0);
