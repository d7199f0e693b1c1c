import type { Rating, RatingsDefinition } from "@muster/core";
import { initialElo } from "@muster/core";
import { rate } from "openskill";
import type { RatedTeam } from "./rate.ts";
import { withinScale } from "./rate-by-elo.ts";

/** What the library begins with, written down so that kept ratings keep their meaning when it changes its mind. */
const MU = 25;
const SIGMA = MU / 3;

/** Points of elo for one of mu. A choice, not a law: a new player's uncertainty of 25 / 3 becomes Elo's unit of 400. */
const ELO_PER_MU = 400 / SIGMA;

/**
 * OpenSkill with the Plackett-Luce model: Weng and Lin, A Bayesian Approximation Method for Online Ranking, Journal of
 * Machine Learning Research 12 (2011).
 *
 * What matching goes by is `initial + (mu − 25) · 48`: a new player has the queue's `initial`, and more of mu is more of
 * elo. It is the skill as it is estimated, not a cautious lower bound, so that new players meet their like at once.
 */
export const rateByOpenSkill = (
  definition: RatingsDefinition,
  teams: readonly RatedTeam[],
  outcomes: readonly number[],
): Map<string, Rating> => {
  const before = teams.map((team) => team.map(({ rating: { mu = MU, sigma = SIGMA } }) => ({ mu, sigma })));
  const after = rate(before, { score: [...outcomes], mu: MU, sigma: SIGMA });
  const initial = initialElo(definition);
  return new Map(
    teams.flatMap((team, own) =>
      team.map(({ id, rating }, n): [string, Rating] => {
        const { mu = MU, sigma = SIGMA } = after[own]?.[n] ?? {};
        return [id, { elo: withinScale(initial + (mu - MU) * ELO_PER_MU), mu, sigma, matches: rating.matches + 1 }];
      }),
    ),
  );
};
