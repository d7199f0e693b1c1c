import type { Seeker } from "../seeker.ts";
import { splitSolos } from "../split/split-solos.ts";
import { splitTeams, type TeamSplit } from "../split/split-teams.ts";
import { judgeMatch } from "./judge-match.ts";
import type { TeamSearch } from "./team-search.ts";

/** A match that could be proposed. */
export interface Assembled {
  /** The seeker that it was built around first, then from near to far. */
  readonly members: readonly Seeker[];
  readonly split: TeamSplit;
  /** From 0 to 1: see `matchQuality`. */
  readonly quality: number;
}

/** Whether the teams are as even as each of the tickets asks. */
export const isEvenEnough = ({ members, split }: Assembled): boolean =>
  members.every(({ criteria }) => split.strengthGap <= criteria.teamGap);

/**
 * A set of seekers as a match, in its best teams; undefined when no teams are allowed.
 *
 * @param mostUnlike if the parties are to be more alike than the tickets ask for: a place in `PREMADE_LEVELS`
 */
export const asMatch = (
  { queue, now, isPlain, total }: TeamSearch,
  members: readonly Seeker[],
  mostUnlike?: number,
): Assembled | undefined => {
  const split = isPlain && members.length === total ? splitSolos(members) : splitTeams(queue, members, mostUnlike);
  return split && { members, split, quality: judgeMatch(queue, members, split, now) };
};
