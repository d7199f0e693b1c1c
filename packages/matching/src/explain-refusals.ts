import type { Queue, Rule, WaitingTicket } from "@muster/core";
import { type Comparable, levelDistance } from "./compatible.ts";
import { criteriaFor } from "./criteria.ts";
import { distanceBetween } from "./rules/distance.ts";
import { missingInCommon } from "./rules/intersection.ts";
import { joinRegions, meetSomewhere, NO_LIMITS, type RegionLimits, regionStance } from "./rules/regions.ts";
import { accepts, ruleName, type Stance, stanceOf } from "./rules/stance.ts";
import { ruleNow } from "./rules/values.ts";
import { toComparable } from "./seeker.ts";

/** One of two tickets as it is, or as it will be after more tries. */
export interface Side {
  readonly ticket: WaitingTicket;
  /** Effective tries. */
  readonly tries: number;
  readonly comparable: Comparable;
}

export const sideOf = (queue: Queue, ticket: WaitingTicket, tries: number): Side => ({
  ticket,
  tries,
  comparable: toComparable(ticket, criteriaFor(queue, tries)),
});

export interface Refusal {
  readonly rule: string;
  /** Which of the two refuses; at least one does. */
  readonly own: boolean;
  readonly theirs: boolean;
  /** How far off it is; absent where that is not a number. */
  readonly by?: number;
}

/** What a ticket of the queue may be refused for, each once, in the order in which it is asked. */
export const askedRules = ({ rules = [] }: Queue): string[] => [
  ...new Set(["eloSpread", "pingSpreadMs", "latencyLevelSpread", ...rules.map(ruleName), "region"]),
];

/**
 * Everything in which two tickets refuse each other: what `compatible` would say, without stopping at the first. None
 * when they are compatible. In the order of `askedRules`.
 */
export const refusalsBetween = (queue: Queue, own: Side, other: Side): Refusal[] => {
  const [a, b] = [own.comparable, other.comparable];
  const pingDistanceMs = Math.max(a.pingMaxMs - b.pingMinMs, b.pingMaxMs - a.pingMinMs);
  return [
    tooFar("eloSpread", Math.abs(a.elo - b.elo), a.criteria.eloSpread, b.criteria.eloSpread),
    tooFar("pingSpreadMs", pingDistanceMs, a.criteria.pingSpreadMs, b.criteria.pingSpreadMs),
    tooFar("latencyLevelSpread", levelDistance(a, b), a.criteria.latencyLevelSpread, b.criteria.latencyLevelSpread),
    ...(queue.rules ?? []).map((rule) => byRule(queue, rule, own, other)),
    byRegion(own, other),
  ].filter((refusal) => refusal !== undefined);
};

const tooFar = (rule: string, distance: number, own: number, theirs: number): Refusal | undefined =>
  refusal(rule, !(distance <= own), !(distance <= theirs), distance - Math.min(own, theirs));

const byRule = (queue: Queue, rule: Rule, own: Side, other: Side): Refusal | undefined => {
  if (rule.kind === "teamSum") return undefined;
  const [a, b] = [own, other].map(({ ticket, tries }) => stanceOf(ruleNow(queue, rule, tries), ticket.players));
  return a && b && refusal(ruleName(rule), !accepts(a, b), !accepts(b, a), missedBy(a, b));
};

const missedBy = (a: Stance, b: Stance): number | undefined => {
  if (a.kind === "distance" && b.kind === "distance") {
    return distanceBetween(a, b) - Math.min(...[a, b].filter(({ live }) => live).map(({ limit }) => limit));
  }
  return a.kind === "intersection" && b.kind === "intersection" ? missingInCommon(a, b) : undefined;
};

/** A region may suit the limits of each and not those of both: then both refuse. */
const byRegion = (own: Side, other: Side): Refusal | undefined => {
  const [mine, theirs] = [own.comparable.criteria.regions, other.comparable.criteria.regions];
  if (!mine || !theirs) return undefined;
  const at = ({ ticket }: Side, limits: RegionLimits) => regionStance(ticket.players, limits);
  if (meetSomewhere(at(own, mine), at(other, theirs))) return undefined;
  const suitsMine = meetSomewhere(at(own, mine), at(other, NO_LIMITS));
  const suitsTheirs = meetSomewhere(at(own, NO_LIMITS), at(other, theirs));
  const bothRefuse = suitsMine === suitsTheirs;
  const shared = joinRegions(at(own, NO_LIMITS), at(other, NO_LIMITS)).places ?? [];
  const off = shared.map(({ worstMs, worstDeltaMs }) =>
    Math.max(
      worstMs - Math.min(mine.maxLatencyMs, theirs.maxLatencyMs),
      worstDeltaMs - Math.min(mine.maxDeltaPingMs, theirs.maxDeltaPingMs),
    ),
  );
  return refusal("region", bothRefuse || !suitsMine, bothRefuse || !suitsTheirs, Math.min(...off));
};

const refusal = (rule: string, own: boolean, theirs: boolean, by: number | undefined): Refusal | undefined => {
  if (!own && !theirs) return undefined;
  return { rule, own, theirs, ...(by !== undefined && by > 0 && Number.isFinite(by) && { by }) };
};
