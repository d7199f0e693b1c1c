import { beginOf, endOf, type Queue, type Rule, type TeamSumRule, widensByTime } from "@muster/core";
import { neverReached } from "./check-queue-reach.ts";

/** An attribute holds no longer list, and no larger number. */
const LONGEST_LIST = 32;
const LARGEST_NUMBER = 1e12;

/** What makes no sense in the rules of a queue. */
export const ruleWarnings = (queue: Queue): string[] => {
  const { rules = [] } = queue;
  return [...rules.flatMap((rule, index) => warningsOf(queue, rule, `/rules/${index}`)), ...contradictions(rules)];
};

const warningsOf = (queue: Queue, rule: Rule, path: string): string[] => {
  const late = neverReached(queue, path, rule, endOf(queue, rule));
  switch (rule.kind) {
    case "oneOf":
      return rule.accepted === rule.attribute
        ? [...late, `${path}/accepted: is the attribute itself; a player's own text and the list need two names`]
        : late;
    case "intersection":
      return rule.atLeast > LONGEST_LIST
        ? [...late, `${path}/atLeast: never passes, for a list holds ${LONGEST_LIST} values at most`]
        : late;
    case "distance":
      return [...late, ...distanceWarnings(queue, rule, path)];
    case "teamSum":
      return [...late, ...sumWarnings(queue, rule, path)];
    default:
      return late;
  }
};

const distanceWarnings = (queue: Queue, rule: Rule & { kind: "distance" }, path: string): string[] => {
  const end = endOf(queue, rule);
  const warnings: string[] = [];
  if ((rule.steps.at(-1)?.max ?? 0) === 0) {
    warnings.push(`${path}/steps: accept no difference at any try; a rule of kind "equal" says the same`);
  }
  rule.steps.forEach((step, index) => {
    const at = `${path}/steps/${index}`;
    if (beginOf(queue, step) < end) warnings.push(...neverReached(queue, at, step, beginOf(queue, step)));
    else {
      const [name, when] = widensByTime(queue) ? ["afterMs", `after ${rule.untilMs} ms`] : ["fromTry", `at try ${end}`];
      warnings.push(`${at}/${name}: is never asked, for the rule is dropped ${when}`);
    }
  });
  return warnings;
};

const sumWarnings = ({ teamShapes }: Queue, rule: TeamSumRule, path: string): string[] => {
  const { min, max, maxGap, order } = rule;
  if (min === undefined && max === undefined && maxGap === undefined && order === undefined) {
    return [`${path}: asks for nothing; give it min, max, maxGap or order`];
  }
  const warnings: string[] = [];
  const most = LARGEST_NUMBER * Math.min(...teamShapes.map((shape) => shape.max));
  if ((min ?? 0) > most) warnings.push(`${path}/min: never passes, for a team's sum is ${most} at most`);
  if ((max ?? 0) < -most) warnings.push(`${path}/max: never passes, for a team's sum is ${-most} at least`);
  if (teamShapes.length === 1) {
    for (const name of ["maxGap", "order"] as const) {
      if (rule[name] !== undefined) warnings.push(`${path}/${name}: means nothing, for there is one team only`);
    }
  } else if (maxGap !== undefined && maxGap >= (max ?? Infinity) - (min ?? -Infinity)) {
    warnings.push(`${path}/maxGap: refuses nobody whom min and max don't refuse already`);
  }
  return warnings;
};

/** Rules that are of no use beside another: the same twice, or two that nobody can keep together. */
const contradictions = (rules: readonly Rule[]): string[] =>
  rules.flatMap((rule, index) =>
    rules.slice(0, index).flatMap((earlier, earlierIndex) => {
      if (earlier.attribute !== rule.attribute) return [];
      const [path, other] = [`/rules/${index}`, `/rules/${earlierIndex}`];
      // Two of one kind may differ with reason: three maps in common at first, and one for ever.
      if (JSON.stringify(earlier) === JSON.stringify(rule)) return [`${path}: is the same as ${other}`];
      const never = `${path}: never passes beside ${other}, for ${rule.attribute} can't be`;
      if (wantsOnly(rule) && wantsOnly(earlier) && wantsOnly(rule) !== wantsOnly(earlier)) {
        return [`${never} ${wantsOnly(rule)} and ${wantsOnly(earlier)}`];
      }
      const [lower, upper] = [Math.max(least(rule), least(earlier)), Math.min(most(rule), most(earlier))];
      return lower > upper ? [`${never} ${lower} or more and ${upper} or less in sum`] : [];
    }),
  );

const least = (rule: Rule): number => (rule.kind === "teamSum" ? (rule.min ?? -Infinity) : -Infinity);
const most = (rule: Rule): number => (rule.kind === "teamSum" ? (rule.max ?? Infinity) : Infinity);

/** The type without which a rule refuses everybody; undefined when others pass too. */
const wantsOnly = (rule: Rule): string | undefined => {
  if (rule.kind === "avoid" || rule.missing === "accept") return undefined;
  if (rule.kind === "distance" || rule.kind === "teamSum") return "a number";
  return rule.kind === "intersection" ? "a text or a list" : undefined;
};
