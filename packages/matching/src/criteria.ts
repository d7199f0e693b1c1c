import { isDuel, PREMADE_LEVELS, type Queue, stepFor, type TeamSumRule, usesRegions } from "@muster/core";
import type { RegionLimits } from "./rules/regions.ts";
import { isLive, type RuleNow, ruleNow } from "./rules/values.ts";

/** What a ticket accepts at one tryCount. Infinity stands for no limit. */
export interface Criteria {
  /** Largest accepted difference of elo to any other ticket of the match. */
  readonly eloSpread: number;
  /** Largest accepted difference, in ms, between an average ping of its own players and any other player's. */
  readonly pingSpreadMs: number;
  /** Largest accepted difference between the latency level of one of its own players and any other player's. */
  readonly latencyLevelSpread: number;
  /** Largest accepted difference between two teams' strength. */
  readonly teamGap: number;
  /** The most unlike parties that it accepts in the teams of its match: a place in `PREMADE_LEVELS`. */
  readonly premade: number;
  /** Places that it accepts to stay open in each team, beside what the teams' shapes allow. */
  readonly openPlaces: number;
  /** Whether its players may be given roles that they didn't list. */
  readonly autofill: boolean;
  /** The queue's rules for every two tickets, also those that are dropped by now. Absent when it has none. */
  readonly rules?: readonly RuleNow[];
  /** Rules about whole teams that it still asks for. Absent when there is none. */
  readonly teamSums?: readonly TeamSumRule[];
  /** Absent where the queue doesn't use regions. */
  readonly regions?: RegionLimits;
}

/**
 * The criteria of a ticket of `queue` with so many effective tries (≥ 0; see `effectiveTries`). The steps of a checked queue only
 * ever widen, so more tries never accept less.
 */
export const criteriaFor = (queue: Queue, tries: number): Criteria => {
  const step = stepFor(queue, tries);
  const { maxLatencyMs = Infinity, maxDeltaPingMs = Infinity } = step;
  const pairRules = (queue.rules ?? []).filter((rule) => rule.kind !== "teamSum");
  const teamSums = (queue.rules ?? [])
    .filter((rule) => rule.kind === "teamSum")
    .filter((rule) => isLive(queue, rule, tries));
  const { eloSpread = Infinity, teamGap = Infinity } = step;
  return {
    // In a duel the two tickets are the teams.
    eloSpread: isDuel(queue) ? Math.min(eloSpread, teamGap) : eloSpread,
    pingSpreadMs: step.pingSpreadMs ?? Infinity,
    latencyLevelSpread: step.latencyLevelSpread ?? Infinity,
    teamGap,
    premade: PREMADE_LEVELS.indexOf(step.premade ?? "any"),
    openPlaces: step.openPlaces ?? Infinity,
    autofill: step.autofill ?? false,
    ...(pairRules.length > 0 && { rules: pairRules.map((rule) => ruleNow(queue, rule, tries)) }),
    ...(teamSums.length > 0 && { teamSums }),
    ...(usesRegions(queue) && { regions: { maxLatencyMs, maxDeltaPingMs } }),
  };
};
