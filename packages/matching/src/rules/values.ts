import type { Attributes, Rule, WaitingPlayer } from "@muster/core";

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

/** Whether a ticket with so many tries still asks for a rule. */
export const isLive = ({ untilTry = Infinity }: { untilTry?: number }, tries: number): boolean => tries < untilTry;
