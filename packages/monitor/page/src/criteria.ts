import type { CriteriaNow } from "@muster/core";

/** What a ticket accepts now, a line for each limit, in words. */
export const criteriaLines = ({
  teams,
  roles,
  rules,
  premade,
  openPlaces,
  autofill,
  ...limits
}: CriteriaNow): string[] => [
  limits.eloSpread === undefined ? "any elo" : `elo ± ${limits.eloSpread}`,
  ...line(limits.pingSpreadMs, (ms) => `average pings up to ${ms} ms apart`),
  ...line(limits.latencyLevelSpread, (levels) => `latency levels up to ${levels} apart`),
  ...line(limits.maxLatencyMs, (ms) => `up to ${ms} ms to the region`),
  ...line(limits.maxDeltaPingMs, (ms) => `up to ${ms} ms more to it than to one's best`),
  ...line(limits.teamGap, (gap) => `teams up to ${gap} apart`),
  ...line(premade, (level) => `parties: ${level}`),
  ...line(openPlaces, (places) => `up to ${places} places of a team open`),
  ...line(autofill, (is) => (is ? "any role" : "listed roles only")),
  ...line(teams, (names) => `in ${names.join(" or ")}`),
  ...Object.entries(roles ?? {}).map(([player, names]) => `${player} as ${names.join(" or ")}`),
  ...rules.map(({ rule, min, max, maxGap, order }) =>
    [
      rule,
      ...line(min, (least) => `at least ${least}`),
      ...line(max, (most) => `at most ${most}`),
      ...line(maxGap, (gap) => `up to ${gap} apart`),
      ...line(order, (how) => String(how)),
    ].join(", "),
  ),
];

const line = <Value>(value: Value | undefined, say: (value: Value) => string): string[] =>
  value === undefined ? [] : [say(value)];
