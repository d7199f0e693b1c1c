import type { ExplainAnswer } from "@muster/core";

type Criteria = ExplainAnswer["criteria"];

/** What a ticket accepts, in one line: `eloSpread 50, equal(platform), level ≤ 5`. */
export const criteriaText = (criteria: Criteria): string => {
  const { rules, teams, roles, autofill, premade, ...limits } = criteria;
  const parts = [
    ...Object.entries(limits).map(([name, value]) => `${name} ${value}`),
    ...(premade ? [PARTIES[premade]] : []),
    ...(teams ? [`team ${teams.join(" or ")}`] : []),
    ...Object.entries(roles ?? {}).map(([player, list]) => `${player} as ${list.join(" or ")}`),
    ...(autofill ? ["any role"] : []),
    ...rules.map(ruleText),
  ];
  return parts.length > 0 ? parts.join(", ") : "anyone";
};

const PARTIES: Record<NonNullable<Criteria["premade"]>, string> = {
  like: "teams of parties of the same sizes",
  near: "teams of parties that differ by one player",
  mixed: "any parties but solo players against a full one",
  any: "any parties",
};

const ruleText = ({ rule, min, max, maxGap, order }: Criteria["rules"][number]): string => {
  const limits = [
    ...(min === undefined ? [] : [`≥ ${min}`]),
    ...(max === undefined ? [] : [`≤ ${max}`]),
    ...(maxGap === undefined ? [] : [`apart ≤ ${maxGap}`]),
    ...(order === undefined ? [] : [order]),
  ];
  return [rule, limits.join(" and ")].filter((part) => part !== "").join(" ");
};
