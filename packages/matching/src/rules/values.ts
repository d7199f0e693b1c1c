import { type Attributes, currentStep, endOf, type Queue, type Rule, type WaitingPlayer } from "@muster/core";

export type RuleOf<Kind extends Rule["kind"]> = Extract<Rule, { kind: Kind }>;
export type AttributeValue = Attributes[string];

/** A player's value of an attribute; undefined when it has none. */
export const attributeOf = ({ attributes }: WaitingPlayer, name: string): AttributeValue | undefined =>
  // An attribute may be named like something that every object inherits: `constructor`.
  attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined;

/** A player's list of texts; one text is a list of one. Undefined when it has neither. */
export const textsOf = (player: WaitingPlayer, name: string): readonly string[] | undefined => {
  const value = attributeOf(player, name);
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value : undefined;
};

/** What two lists have in common; one that is absent leaves the other as it is. */
export const inCommon = (
  a: ReadonlySet<string> | undefined,
  b: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined => {
  if (!a || !b) return a ?? b;
  return new Set([...a].filter((value) => b.has(value)));
};

/** Rules that are held against every two tickets of a match. */
export type PairRule = Exclude<Rule, { kind: "teamSum" }>;

/** A rule of the queue as it holds for tickets with so many effective tries. */
export interface RuleNow {
  readonly rule: PairRule;
  /** False once it is dropped. */
  readonly live: boolean;
  /** Of a distance: the largest that is accepted. */
  readonly max: number;
}

export const ruleNow = (queue: Queue, rule: PairRule, tries: number): RuleNow => ({
  rule,
  live: isLive(queue, rule, tries),
  max: rule.kind === "distance" ? currentStep(queue, rule.steps, tries).max : 0,
});

/** Whether a ticket with so many effective tries still asks for a rule. */
export const isLive = (queue: Queue, rule: Rule, tries: number): boolean => tries < endOf(queue, rule);
