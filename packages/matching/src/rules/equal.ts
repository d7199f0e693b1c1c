import type { WaitingPlayer } from "@muster/core";
import { type AttributeValue, attributeOf, type RuleOf } from "./values.ts";

/** Both must have the same value. Values of different types differ; lists are the same when they hold the same texts. */
export interface EqualStance {
  readonly kind: "equal";
  readonly live: boolean;
  readonly refusesMissing: boolean;
  /** Some of its players have no value. */
  readonly lacking: boolean;
  /** A value of its players, comparable by `===`; undefined when none has one. */
  readonly value: Comparand | undefined;
  /** Its players have different values: nobody who has one can equal them all. */
  readonly mixed: boolean;
}

type Comparand = string | number | boolean;

export const equalStance = (rule: RuleOf<"equal">, live: boolean, players: readonly WaitingPlayer[]): EqualStance => {
  const values = players.map((player) => comparand(attributeOf(player, rule.attribute)));
  const value = values.find((each) => each !== undefined);
  return {
    kind: "equal",
    live,
    refusesMissing: rule.missing === "refuse",
    lacking: values.includes(undefined),
    value,
    mixed: values.some((each) => each !== undefined && each !== value),
  };
};

export const equalAccepts = (own: EqualStance, other: EqualStance): boolean => {
  if (!own.live) return true;
  if (own.refusesMissing && (own.lacking || other.lacking)) return false;
  if (own.value === undefined || other.value === undefined) return true;
  return own.value === other.value && !own.mixed && !other.mixed;
};

/** The letter before it keeps a text from being taken for a list. */
const comparand = (value: AttributeValue | undefined): Comparand | undefined => {
  if (typeof value === "string") return `t${value}`;
  return Array.isArray(value) ? `l${JSON.stringify([...new Set(value)].sort())}` : value;
};
