import { setTimeout as sleep } from "node:timers/promises";
import { MusterError, type PlayerState, type Random } from "@muster/core";
import { claimKey } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import type { Store } from "../store.ts";
import { type Claim, formatClaim, parseClaim } from "./claim.ts";
import { openClaimShards } from "./claim-shards.ts";

const script = loadScript(new URL("./move-claim.lua", import.meta.url));

/** Kept after the last enqueue; longer than anybody can be in something by it, and far longer than a seal. */
const CLAIM_LIFE_MS = 3 * 86_400_000;
/** Each try fails only because another moved the player in between. */
const TRIES = 20;
/** Two who want the same player in two partitions would else undo each other's steps in turn; longer than steps take. */
const LONGEST_PAUSE_MS = 256;

/**
 * Where each player may be.
 *
 * A partition's scripts see their own partition only. So that nobody is in two, each player has a claim, a key in a slot
 * of its own: it names the one partition in which the player may become busy. Without one it is the deployment's own.
 * Two things make an idle player busy: an enqueue, and to begin to watch a match. Whoever wants either first brings the
 * player's claim to that partition:
 *
 * 1. Read the claim. If it names the partition already, that is all. Otherwise, in the partition that it names:
 * 2. *Seal* the player: its state there becomes `elsewhere`, if it was idle, with an epoch above its version, above the
 *    claim's epoch and not below the time. Both scripts take nobody who is not idle, so they take nobody who is sealed.
 *    One who is busy there can't leave, and the answer is PLAYER_BUSY.
 * 3. *Move* the claim to the other partition with that epoch, if it still is what was read; else begin again.
 * 4. *Enter*: in the new partition the player becomes idle with the epoch as its version, if its state there is older,
 *    also when that is a seal. A seal with a later epoch stays. Then the claim says that this is done.
 *
 * So a player is busy only in the partition that its claim names. For the claim leaves a partition only after a seal there
 * that is later than the claim; that seal can be lifted only by a claim of the same partition with a later epoch, so after
 * the move failed; and as long as it holds, nobody becomes busy there, whatever old claim he has read. Epochs are
 * versions too: those of a player's states rise wherever it goes.
 *
 * Whoever dies on the way leaves one of two things. A seal in the partition that the claim still names: the next one who
 * wants to enqueue there is refused as `elsewhere`, raises the claim above the seal and enters. Or a claim that was not
 * entered: the next one who reads it enters. So there is nothing to be cleaned up.
 *
 * A seal is kept for a day: whoever takes the claim away does so soon after, and nobody acts for half a day on a claim that
 * he read before. A claim is kept for three: nobody is in one ticket or match for so long. `test/model/claims.ts` tries
 * all orders of these steps.
 */
export interface Claims {
  /** Where players may be, in order; none is changed. */
  read(players: readonly string[]): Promise<Claim[]>;
  /**
   * Brings players to a partition.
   *
   * @param attempt above 1 for those who came and were refused as `elsewhere`: they enter anew, after a moment
   * @returns those who can't come, with what keeps them
   */
  bring(
    players: readonly string[],
    partition: string,
    options: { heedCoolDowns: boolean; attempt?: number },
  ): Promise<Map<string, Kept>>;
  /** Lets players into the partitions that their claims name, as who came there and was refused as `elsewhere` would. */
  enter(players: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What keeps a player where it is. */
export type Kept = { state: PlayerState } | { untilMs: number };

export interface ClaimsOptions {
  url: string;
  name: string;
  /** The deployment's own partition. */
  home: string;
  /** Undefined for a partition that is not configured (any more): nobody is in there. */
  storeOf: (partition: string) => Pick<Store, "sealPlayer" | "enterPlayer"> | undefined;
  random: Random;
}

export const openClaims = async ({ url, name, home, storeOf, random }: ClaimsOptions): Promise<Claims> => {
  const shards = await openClaimShards(url, name);

  const pause = async (failed: number) => {
    if (failed > 0) await sleep(random.next() * Math.min(LONGEST_PAUSE_MS, 2 ** failed));
  };

  /** @param renew whether those that are there are kept for longer */
  const readTexts = (players: readonly string[], renew: boolean): Promise<(string | null)[]> =>
    orUnavailable(() =>
      Promise.all(
        players.map((player) => {
          const redis = shards.of(player);
          return renew ? redis.getex(claimKey(player), "PX", CLAIM_LIFE_MS) : redis.get(claimKey(player));
        }),
      ),
    );

  const move = async (player: string, was: string | null, claim: Claim): Promise<boolean> => {
    const args = [was ?? "", formatClaim(claim), CLAIM_LIFE_MS];
    const word = await orUnavailable(() => runScript(shards.of(player), script, [claimKey(player)], args));
    return word === "moved";
  };

  /** Steps 2 to 4 for one player. @param to undefined: where its claim is */
  const bringOne = async (
    player: string,
    to: string | undefined,
    first: string | null,
    heedCoolDown: boolean,
  ): Promise<Kept | undefined> => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await pause(attempt);
      let [text] = attempt === 0 ? [first] : await readTexts([player], false);
      let claim = parseClaim(text ?? null, home);
      const target = storeOf(to ?? claim.partition);
      // Nobody is in there.
      if (!target && to === undefined) return undefined;
      if (!target) throw new Error(`partition ${to} is not configured`);
      if (to !== undefined && claim.partition !== to) {
        const sealed = await storeOf(claim.partition)?.sealPlayer(player, claim.epoch, heedCoolDown);
        if (sealed?.outcome === "busy") return { state: sealed.state };
        if (sealed?.outcome === "cooling") return { untilMs: sealed.untilMs };
        const next = { partition: to, epoch: sealed?.epoch ?? claim.epoch + 1, entered: false };
        if (!(await move(player, text ?? null, next))) continue;
        [text, claim] = [formatClaim(next), next];
      }
      const sealedAt = await target.enterPlayer(player, claim.epoch);
      const next =
        sealedAt === undefined ? { ...claim, entered: true } : { ...claim, epoch: sealedAt + 1, entered: false };
      // Absent is as good as entered.
      const isMoved = (text === null && sealedAt === undefined) || (await move(player, text ?? null, next));
      if (isMoved && next.entered) return undefined;
    }
    throw new MusterError("STORE_UNAVAILABLE", `${player} is being moved from partition to partition. Try again.`, {
      retryAfterS: 1,
    });
  };

  return {
    read: async (players) => (await readTexts(players, false)).map((text) => parseClaim(text, home)),
    bring: async (players, partition, { heedCoolDowns, attempt = 1 }) => {
      await pause(attempt - 1);
      const texts = await readTexts(players, true);
      const kept = new Map<string, Kept>();
      await Promise.all(
        players.map(async (player, index) => {
          const text = texts[index] ?? null;
          const claim = parseClaim(text, home);
          if (claim.partition === partition && claim.entered && attempt === 1) return;
          const what = await bringOne(player, partition, text, heedCoolDowns);
          if (what) kept.set(player, what);
        }),
      );
      return kept;
    },
    enter: async (players) => {
      const texts = await readTexts(players, false);
      await Promise.all(players.map((player, index) => bringOne(player, undefined, texts[index] ?? null, false)));
    },
    close: () => shards.close(),
  };
};
