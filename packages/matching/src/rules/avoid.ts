import type { WaitingPlayer } from "@muster/core";
import { type RuleOf, textsOf } from "./values.ts";

/** Nobody meets a player on its own list. */
export interface AvoidStance {
  readonly kind: "avoid";
  readonly live: boolean;
  readonly ids: readonly string[];
  /** Whom any of its players won't meet; undefined when nobody. */
  readonly avoided: ReadonlySet<string> | undefined;
}

export const avoidStance = (rule: RuleOf<"avoid">, live: boolean, players: readonly WaitingPlayer[]): AvoidStance => {
  const avoided = new Set(players.flatMap((player) => textsOf(player, rule.attribute) ?? []));
  return {
    kind: "avoid",
    live,
    ids: players.map(({ id }) => id),
    avoided: avoided.size > 0 ? avoided : undefined,
  };
};

export const avoidAccepts = ({ live, avoided }: AvoidStance, other: AvoidStance): boolean =>
  !live || avoided === undefined || !other.ids.some((id) => avoided.has(id));
