import { beginOf, endOf, type Queue, type Rule, usesRegions } from "@muster/core";

/** No ping over the internet is lower. */
const LOWEST_PING_MS = 5;
/** An attribute holds no longer list. */
const LONGEST_LIST = 32;

/**
 * What is valid in a queue's definition and still makes no sense: rules that can never pass, steps that are never
 * reached. Each warning begins with the path of what it is about.
 */
export const checkQueue = (queue: Queue): string[] => [
  ...stepWarnings(queue),
  ...regionWarnings(queue),
  ...(queue.rules ?? []).flatMap((rule, index) => ruleWarnings(queue, rule, `/rules/${index}`)),
  ...contradictions(queue.rules ?? []),
];

/** The last search of a ticket that began with 0 tries. One that brings tries along from an earlier ticket gets further. */
const lastTry = ({ expireAfterMs, retryEveryMs }: Queue): number => Math.ceil(expireAfterMs / retryEveryMs) - 1;

const neverReached = (queue: Queue, path: string, atTry: number): string[] =>
  atTry > lastTry(queue)
    ? [`${path}: try ${atTry} is never reached, for a new ticket expires after try ${lastTry(queue)}`]
    : [];

const beginName = ({ fromTry }: { fromTry?: number }): string => (fromTry === undefined ? "afterMs" : "fromTry");

const stepWarnings = (queue: Queue): string[] =>
  queue.steps.flatMap((step, index) => neverReached(queue, `/steps/${index}/${beginName(step)}`, beginOf(queue, step)));

const regionWarnings = (queue: Queue): string[] => {
  if (!usesRegions(queue)) return [];
  const warnings = queue.steps.flatMap(({ maxLatencyMs = Infinity, maxDeltaPingMs = Infinity }, index) => {
    const path = `/steps/${index}`;
    if (maxLatencyMs < LOWEST_PING_MS) {
      return [`${path}/maxLatencyMs: hardly any player has a ping of ${maxLatencyMs} ms or less to any region`];
    }
    return maxDeltaPingMs !== Infinity && maxDeltaPingMs >= maxLatencyMs
      ? [`${path}/maxDeltaPingMs: refuses nobody whom maxLatencyMs doesn't refuse already`]
      : [];
  });
  if (Object.keys(queue.regions).length === 0) {
    warnings.push("/steps: pings to regions are limited, but without /regions a position gives no ping");
  }
  return warnings;
};

const ruleWarnings = (queue: Queue, rule: Rule, path: string): string[] => {
  const end = endOf(queue, rule);
  const warnings =
    end === Infinity ? [] : neverReached(queue, `${path}/${rule.untilTry === undefined ? "untilMs" : "untilTry"}`, end);
  if (rule.kind === "oneOf" && rule.accepted === rule.attribute) {
    warnings.push(`${path}/accepted: is the attribute itself; a player's own text and the list need two names`);
  }
  if (rule.kind === "intersection" && rule.atLeast > LONGEST_LIST) {
    warnings.push(`${path}/atLeast: never passes, for a list holds ${LONGEST_LIST} values at most`);
  }
  if (rule.kind !== "distance") return warnings;
  if ((rule.steps.at(-1)?.max ?? 0) === 0) {
    warnings.push(`${path}/steps: accept no difference at any try; a rule of kind "equal" says the same`);
  }
  rule.steps.forEach((step, index) => {
    const at = `${path}/steps/${index}/${beginName(step)}`;
    if (beginOf(queue, step) >= end) warnings.push(`${at}: is never asked, for the rule is dropped at try ${end}`);
    else warnings.push(...neverReached(queue, at, beginOf(queue, step)));
  });
  return warnings;
};

/** Rules that are of no use beside another: the same twice, or a number and a text by one name. */
const contradictions = (rules: readonly Rule[]): string[] =>
  rules.flatMap((rule, index) =>
    rules.slice(0, index).flatMap((earlier, earlierIndex) => {
      if (earlier.attribute !== rule.attribute) return [];
      const [path, other] = [`/rules/${index}`, `/rules/${earlierIndex}`];
      // Two of one kind may differ with reason: three maps in common at first, and one for ever.
      if (JSON.stringify(earlier) === JSON.stringify(rule)) return [`${path}: is the same as ${other}`];
      return wantsOnly(rule) && wantsOnly(earlier) && wantsOnly(rule) !== wantsOnly(earlier)
        ? [
            `${path}: never passes beside ${other}, for ${rule.attribute} can't be ${wantsOnly(rule)} and ${wantsOnly(earlier)}`,
          ]
        : [];
    }),
  );

/** The type without which a rule refuses everybody; undefined when others pass too. */
const wantsOnly = (rule: Rule): string | undefined => {
  if (rule.kind === "avoid" || rule.kind === "teamSum" || rule.missing === "accept") return undefined;
  if (rule.kind === "distance") return "a number";
  return rule.kind === "intersection" ? "a text or a list" : undefined;
};
