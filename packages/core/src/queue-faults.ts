import { beginOf, widensByTime } from "./effective-tries.ts";
import { PREMADE_LEVELS, type Queue, usesRoles } from "./queue-definition.ts";

type Fault = [path: string, reason: string];
type Step = Queue["steps"][number];

/** The largest match: a commit watches the state of each of its players, and WATCH costs quadratically. */
const MAX_MATCH_SIZE = 400;

/** What a schema can't say of a queue; each fault with its path in the definition. */
export const queueFaults = (queue: Queue): Fault[] => [
  ...teamFaults(queue),
  ...stepFaults(queue),
  ...ruleFaults(queue),
  ...ratingFaults(queue),
];

/** Teams that can be filled, with names and roles that can be told apart. */
const teamFaults = ({ teams, teamShapes, maxPartySize, maxWaiting }: Queue): Fault[] => {
  const faults: Fault[] = teamShapes.flatMap(({ min, max, roles }, index): Fault[] => {
    // Teams that are alike are written once.
    if (!Array.isArray(teams) && index > 0) return [];
    const path = Array.isArray(teams) ? `/teams/${index}` : "/teams";
    const found: Fault[] = [];
    if (min > max) found.push([`${path}/minSize`, `is ${min}, but the team holds only ${max}`]);
    if (!roles) return found;
    const places = Object.values(roles).reduce((sum, count) => sum + count, 0);
    if (places !== max) found.push([`${path}/roles`, `have ${places} places together, but the team has ${max}`]);
    const [first, second] = sameButForCase(Object.keys(roles));
    if (second) found.push([`${path}/roles/${second}`, `overlaps ${first}: names must differ in more than case`]);
    return found;
  });
  const [first, second] = sameButForCase(teamShapes.map(({ name }) => name));
  if (second) faults.push(["/teams", `two of them are named ${first} and ${second}: names must differ`]);

  const largest = Math.max(...teamShapes.map(({ max }) => max));
  const [least, most] = [total(teamShapes, "min"), total(teamShapes, "max")];
  if (maxPartySize > largest) {
    faults.push(["/maxPartySize", `is ${maxPartySize}, but a team holds only ${largest}`]);
  }
  if (most < 2) faults.push(["/teams", "hold one player together: a match needs two"]);
  if (most > MAX_MATCH_SIZE) faults.push(["/teams", `hold ${most} players together, at most ${MAX_MATCH_SIZE} may be`]);
  if (maxWaiting * maxPartySize < least) {
    faults.push(["/maxWaiting", `lets fewer players wait than the ${least} that a match needs`]);
  }
  return faults;
};

/** Steps start at once, rise in one unit, and never narrow again. */
const stepFaults = (queue: Queue): Fault[] => [
  ...beginFaults(queue, queue.steps, "/steps"),
  ...queue.steps.flatMap((step, index) => [
    ...narrowingFaults(step, queue.steps[index - 1], `/steps/${index}`),
    ...uselessFaults(queue, step, index),
  ]),
];

const LIMITS = [
  "eloSpread",
  "pingSpreadMs",
  "latencyLevelSpread",
  "maxLatencyMs",
  "maxDeltaPingMs",
  "teamGap",
  "openPlaces",
] as const;

const narrowingFaults = (step: Step, previous: Step | undefined, path: string): Fault[] => {
  if (!previous) return [];
  const narrower: string[] = LIMITS.filter((limit) => (step[limit] ?? Infinity) < (previous[limit] ?? Infinity));
  if (premadeRank(step) < premadeRank(previous)) narrower.push("premade");
  if (previous.autofill && !step.autofill) narrower.push("autofill");
  return narrower.map((limit) => [`${path}/${limit}`, "narrows the step before: criteria may only widen"]);
};

/** Absent: no limit. */
const premadeRank = ({ premade = "any" }: Step): number => PREMADE_LEVELS.indexOf(premade);

const uselessFaults = (queue: Queue, step: Step, index: number): Fault[] => {
  const path = `/steps/${index}`;
  const faults: Fault[] = [];
  if (step.autofill !== undefined && !usesRoles(queue)) {
    faults.push([`${path}/autofill`, "means nothing in a queue whose teams have no roles"]);
  }
  if (index < queue.steps.length - 1) {
    if (step.premade === "any") {
      faults.push([`${path}/premade`, "may be any only in the last step: solo players meet a full party last"]);
    }
    if (step.premade === undefined && queue.steps[index - 1]?.premade !== undefined && comparesParties(queue)) {
      faults.push([`${path}/premade`, "is missing, which means any: that may come only in the last step"]);
    }
  }
  return faults;
};

/** Whether a party can fill one of two teams that are as large, so that it may meet solo players. */
const comparesParties = ({ teamShapes, maxPartySize }: Queue): boolean =>
  teamShapes.some(
    ({ max }, index) =>
      max > 1 && max <= maxPartySize && teamShapes.slice(index + 1).some((other) => other.max === max),
  );

const ruleFaults = (queue: Queue): Fault[] =>
  (queue.rules ?? []).flatMap((rule, index): Fault[] => {
    const path = `/rules/${index}`;
    const faults: Fault[] = [];
    const wrongEnd = widensByTime(queue) ? "untilTry" : "untilMs";
    if (rule[wrongEnd] !== undefined) faults.push([`${path}/${wrongEnd}`, otherUnit(queue)]);
    if (rule.kind === "teamSum" && (rule.min ?? -Infinity) > (rule.max ?? Infinity)) {
      faults.push([`${path}/min`, `is more than max: no team can have such a sum`]);
    }
    if (rule.kind !== "distance") return faults;
    faults.push(...beginFaults(queue, rule.steps, `${path}/steps`));
    rule.steps.forEach(({ max }, place) => {
      if (max < (rule.steps[place - 1]?.max ?? 0)) {
        faults.push([`${path}/steps/${place}/max`, "narrows the step before: criteria may only widen"]);
      }
    });
    return faults;
  });

const ratingFaults = ({ ratings }: Queue): Fault[] =>
  ratings?.system === "openskill" && ratings.kFactor !== undefined
    ? [["/ratings/kFactor", "means nothing with openskill, which weighs each match itself: leave it out or use elo"]]
    : [];

/** The first step begins at 0, each other one later than the one before, all in the unit of the queue's first step. */
const beginFaults = (
  queue: Queue,
  steps: readonly { readonly fromTry?: number; readonly afterMs?: number }[],
  path: string,
): Fault[] =>
  steps.flatMap((step, index): Fault[] => {
    const [unit, other] = widensByTime(queue) ? (["afterMs", "fromTry"] as const) : (["fromTry", "afterMs"] as const);
    const at = `${path}/${index}`;
    if (step[other] !== undefined) return [[`${at}/${other}`, otherUnit(queue)]];
    if (step[unit] === undefined) return [[`${at}/${unit}`, "is missing: a step must say when it begins"]];
    const previous = steps[index - 1];
    if (!previous) {
      return step[unit] === 0 ? [] : [[`${at}/${unit}`, "must be 0 in the first step: it holds for a new ticket"]];
    }
    if (beginOf(queue, step) > beginOf(queue, previous)) return [];
    return [[`${at}/${unit}`, `must be more than the ${previous[unit]} of the step before`]];
  });

const otherUnit = (queue: Queue): string =>
  widensByTime(queue)
    ? "the first step begins by afterMs, so this queue widens by time: use afterMs and untilMs throughout"
    : "the first step begins by fromTry, so this queue widens by tries: use fromTry and untilTry throughout";

const total = (shapes: Queue["teamShapes"], what: "min" | "max"): number =>
  shapes.reduce((sum, shape) => sum + shape[what], 0);

/** The first two names that are the same but for case. */
const sameButForCase = (names: readonly string[]): [string, string] | [] => {
  const seen = new Map<string, string>();
  for (const name of names) {
    const earlier = seen.get(name.toLowerCase());
    if (earlier !== undefined) return [earlier, name];
    seen.set(name.toLowerCase(), name);
  }
  return [];
};
