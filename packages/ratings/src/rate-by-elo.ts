import { DEFAULT_K_FACTOR, ELO_MAX, ELO_MIN, type Rating, type RatingsDefinition } from "@muster/core";
import type { RatedTeam } from "./rate.ts";

/** So many points apart, the better team is expected to score ten times what the other one does. */
const ELO_SCALE = 400;

/**
 * Elo, generalised to teams and to more than two of them. Each pair of teams counts as one game; a team moves by
 *
 *     K / (teams − 1) · Σ over the other teams (S − E),   E = 1 / (1 + 10^((their mean − our mean) / 400))
 *
 * with S = 1 for a better outcome, ½ for the same, 0 for a worse one, and each of its players by just that. Two teams of
 * one are Elo's own formula with the logistic curve (A. Elo, The Rating of Chessplayers, Past and Present, 1978). What
 * one of a pair of teams wins, the other loses, so with teams of one size the sum of all ratings stays as it was, short
 * of the ends of the scale.
 */
export const rateByElo = (
  { kFactor = DEFAULT_K_FACTOR }: RatingsDefinition,
  teams: readonly RatedTeam[],
  outcomes: readonly number[],
): Map<string, Rating> => {
  const means = teams.map((team) => team.reduce((sum, { rating }) => sum + rating.elo, 0) / team.length);
  const ratings = new Map<string, Rating>();
  teams.forEach((team, own) => {
    const surplus = teams.reduce((sum, _, other) => (other === own ? sum : sum + surplusOver(own, other)), 0);
    const change = (kFactor / (teams.length - 1)) * surplus;
    for (const { id, rating } of team) {
      ratings.set(id, { elo: withinScale(rating.elo + change), matches: rating.matches + 1 });
    }
  });
  return ratings;

  function surplusOver(own: number, other: number): number {
    const actual = (1 + Math.sign((outcomes[own] ?? 0) - (outcomes[other] ?? 0))) / 2;
    return actual - 1 / (1 + 10 ** (((means[other] ?? 0) - (means[own] ?? 0)) / ELO_SCALE));
  }
};

/** Requests can't name an elo outside, so ratings must not leave it either. */
export const withinScale = (elo: number): number => Math.min(ELO_MAX, Math.max(ELO_MIN, elo));
