import { MusterError } from "@muster/core";

/** Who makes a call. `anyone`: where no keys are in use, everybody may do everything. */
export type Caller =
  | { kind: "anyone" }
  | {
      kind: "realm";
      realm: string;
      /** Of the key that it showed. */
      key: string;
      /** The queues that the key is for; absent: all. */
      queues?: readonly string[];
    }
  | {
      kind: "player";
      player: string;
      /** Whose signature its token has. */
      realm: string;
      /** The signer, and its public key by which the token was found good: neither may have changed since. */
      signer: { id: string; x: string };
      /** When its token ends, ms since the epoch. */
      until: number;
    };

/** @throws MusterError FORBIDDEN unless the caller may do something in a queue */
export const requireQueue = (caller: Caller, queue: string): void => {
  if (caller.kind !== "realm" || !caller.queues || caller.queues.includes(queue)) return;
  throw new MusterError("FORBIDDEN", `This key is for the queues ${caller.queues.join(", ")}, not for "${queue}".`);
};

/** @throws MusterError FORBIDDEN for a player who acts for another */
export const requireSelf = (caller: Caller, player: string): void => {
  if (caller.kind !== "player" || caller.player === player) return;
  throw new MusterError("FORBIDDEN", `This token is for the player "${caller.player}", who acts for nobody else.`);
};

/** @throws MusterError FORBIDDEN for a player */
export const requireRealm = (caller: Caller): void => {
  if (caller.kind !== "player") return;
  throw new MusterError("FORBIDDEN", "Only a realm's key is good for this, not a player's token.");
};
