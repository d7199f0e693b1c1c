import { compatible } from "../compatible.ts";
import { canJoin, type JointTerms, join } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import type { Composition } from "./compositions.ts";
import type { NearList } from "./near-list.ts";
import type { PartyFitter } from "./party-fitter.ts";
import type { SlotFitter } from "./slot-fitter.ts";
import { isWithin, type Window } from "./windows.ts";

export interface FillOrder {
  readonly core: Seeker;
  readonly near: NearList;
  /** Players of a full match. */
  readonly total: number;
  readonly window: Window;
  /** Undefined: parties join as they come. */
  readonly composition: Composition | undefined;
  /** Undefined when all are solo players, or a composition says what fits. */
  readonly partyFits: PartyFitter | undefined;
  /** Undefined when places are alike for all. */
  readonly slotFits: SlotFitter | undefined;
  /** Seekers that are kept for another match. */
  readonly held: ReadonlySet<Seeker>;
  /** Only a set with a smaller radius than this is wanted. */
  readonly below: number;
}

export interface Filling {
  /** The core first, then from near to far. */
  readonly members: Seeker[];
  readonly players: number;
  /** Largest distance of elo from the core. */
  readonly radius: number;
  readonly leftNoneOut: boolean;
}

/**
 * Fills a match around one seeker: its nearest compatible neighbours one by one, each if it is compatible with all
 * members so far, has a region and the wanted values in common with all of them together, and its party still fits.
 *
 * @returns as many members as were found, at least the core; undefined when even that fits nowhere
 */
export const fillMatch = (order: FillOrder): Filling | undefined => {
  const { core, near, total, window, composition, partyFits, slotFits, held, below } = order;
  const left = composition && new Map(composition.quotas);
  const hasPlace = (seeker: Seeker): boolean => {
    if (composition && seeker.criteria.premade < composition.level) return false;
    if (left && (left.get(seeker.size) ?? 0) === 0) return false;
    if (slotFits?.(seeker) === false || partyFits?.(seeker.size) === false) return false;
    left?.set(seeker.size, (left.get(seeker.size) ?? 0) - 1);
    return true;
  };
  // False for a party that nobody around completes to a team.
  if (!hasPlace(core)) return undefined;
  const members = [core];
  let players = core.size;
  let radius = 0;
  let leftNoneOut = true;
  // What the members so far have in common; undefined when the queue asks for nothing of the kind.
  let joint: JointTerms | undefined = core.terms;
  for (let index = 0; players < total; index++) {
    const other = near.at(index);
    if (!other) break;
    const distance = Math.abs(other.elo - core.elo);
    if (distance >= below) break;
    if (
      other.size > total - players ||
      held.has(other) ||
      !isWithin(window, other) ||
      !members.every((member) => compatible(member, other)) ||
      (joint && other.terms && !canJoin(joint, other.terms)) ||
      !hasPlace(other)
    ) {
      leftNoneOut = false;
      continue;
    }
    members.push(other);
    if (joint && other.terms) joint = join(joint, other.terms);
    players += other.size;
    radius = distance;
  }
  return { members, players, radius, leftNoneOut };
};
