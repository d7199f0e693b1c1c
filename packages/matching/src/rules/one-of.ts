import type { WaitingPlayer } from "@muster/core";
import { attributeOf, inCommon, type RuleOf, textsOf } from "./values.ts";

/** The other's text must be in one's own list; who has no list accepts all, and who has an empty one nothing. */
export interface OneOfStance {
  readonly kind: "oneOf";
  readonly live: boolean;
  readonly refusesMissing: boolean;
  /** Some of its players have no text. */
  readonly lacking: boolean;
  /** The texts of its players. */
  readonly values: readonly string[];
  /** What all its players with a list accept; undefined when none has a list. */
  readonly accepted: ReadonlySet<string> | undefined;
}

export const oneOfStance = (rule: RuleOf<"oneOf">, live: boolean, players: readonly WaitingPlayer[]): OneOfStance => {
  const values = new Set<string>();
  let lacking = false;
  let accepted: ReadonlySet<string> | undefined;
  for (const player of players) {
    const value = attributeOf(player, rule.attribute);
    if (typeof value === "string") values.add(value);
    else lacking = true;
    const list = textsOf(player, rule.accepted);
    if (list) accepted = inCommon(accepted, new Set(list));
  }
  return {
    kind: "oneOf",
    live,
    refusesMissing: rule.missing === "refuse",
    lacking,
    values: [...values],
    accepted,
  };
};

export const oneOfAccepts = (own: OneOfStance, other: OneOfStance): boolean => {
  const { accepted } = own;
  if (!own.live || accepted === undefined) return true;
  if (own.refusesMissing && other.lacking) return false;
  return other.values.every((value) => accepted.has(value));
};
