import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, MusterError, type PlayerState, type Random } from "@muster/core";
import { inOrder } from "../in-order.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import type { Store } from "../store.ts";
import { type Claim, formatClaim, hourOf, isToRenew, parseClaim } from "./claim.ts";
import { openClaimShards, readClaimTexts } from "./claim-shards.ts";
import { moveClaims } from "./move-claims.ts";
import type { SealOutcome } from "./seal-players.ts";

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
 * he read before. A claim is kept for three at least: nobody is in one ticket or match for so long. An enqueue reads it, and
 * writes it anew, as if it entered, once it is half a day old. `test/model/claims.ts` tries all orders of these steps.
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
  storeOf: (partition: string) => Pick<Store, "sealPlayers" | "enterPlayers"> | undefined;
  /** The local clock. */
  clock: Clock;
  random: Random;
}

export const openClaims = async ({ url, name, home, storeOf, clock, random }: ClaimsOptions): Promise<Claims> => {
  const shards = await openClaimShards(url, name);

  const pause = async (failed: number) => {
    if (failed > 0) await sleep(random.next() * Math.min(LONGEST_PAUSE_MS, 2 ** failed));
  };

  const readTexts = (players: readonly string[]): Promise<(string | null)[]> =>
    orUnavailable(() => readClaimTexts(shards, players));

  /** Step 2. @returns an outcome for each, in order; undefined where its partition is not configured (any more) */
  const seal = async (travellers: readonly Traveller[], heedCoolDowns: boolean): Promise<(SealOutcome | undefined)[]> =>
    inOrder(
      travellers,
      ({ claim }) => claim.partition,
      async (partition, own) =>
        (await storeOf(partition)?.sealPlayers(own.map(asClaimant), heedCoolDowns)) ?? own.map(() => undefined),
    );

  /** Steps 2 and 3, for who isn't in the partition. @returns those who came; who is kept is noted, others are to try again */
  const moveTo = async (
    to: string,
    travellers: readonly Traveller[],
    heedCoolDowns: boolean,
    kept: Map<string, Kept>,
  ): Promise<Traveller[]> => {
    const sealed = await seal(travellers, heedCoolDowns);
    const moves = travellers.flatMap(({ player, text, claim }, n) => {
      const outcome = sealed[n];
      if (outcome?.outcome === "busy") kept.set(player, { state: outcome.state });
      if (outcome?.outcome === "cooling") kept.set(player, { untilMs: outcome.untilMs });
      if (kept.has(player)) return [];
      const epoch = outcome?.outcome === "sealed" ? outcome.epoch : claim.epoch + 1;
      return { player, was: text, next: { partition: to, epoch, entered: false, renewedInHour: hourOf(clock.now()) } };
    });
    const isMoved = await moveClaims(shards, moves);
    return moves.flatMap(({ player, next }, n) => (isMoved[n] ? { player, text: formatClaim(next), claim: next } : []));
  };

  /** Step 4, for those whose claims name partitions that are configured. @returns those who are in */
  const enterAll = async (travellers: readonly Traveller[]): Promise<Traveller[]> => {
    const sealedAt = await inOrder(
      travellers,
      ({ claim }) => claim.partition,
      async (partition, own) => (await storeOf(partition)?.enterPlayers(own.map(asClaimant))) ?? [],
    );
    const entries = travellers.map((traveller, n) => {
      const { player, text, claim } = traveller;
      const at = sealedAt[n];
      const renewed = { ...claim, renewedInHour: hourOf(clock.now()) };
      const next = at === undefined ? { ...renewed, entered: true } : { ...renewed, epoch: at + 1, entered: false };
      // Absent is as good as entered.
      return { traveller, isIn: text === null && at === undefined, player, was: text, next };
    });
    const toTell = entries.filter(({ isIn }) => !isIn);
    const isMoved = await moveClaims(shards, toTell);
    const told = new Set(toTell.filter(({ next }, n) => isMoved[n] && next.entered));
    return entries.filter((entry) => entry.isIn || told.has(entry)).map(({ traveller }) => traveller);
  };

  /**
   * Steps 2 to 4, for many players at once: each step is one call to each place that it is about.
   *
   * @param texts their claims as they were read
   * @param to undefined: where the claims are
   * @returns those who can't come
   */
  const bringAll = async (
    texts: ReadonlyMap<string, string | null>,
    to: string | undefined,
    heedCoolDowns: boolean,
  ): Promise<Map<string, Kept>> => {
    if (to !== undefined && !storeOf(to)) throw new Error(`partition ${to} is not configured`);
    const kept = new Map<string, Kept>();
    let left = [...texts.keys()];
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === TRIES) {
        throw new MusterError(
          "STORE_UNAVAILABLE",
          `Moved from partition to partition: ${left.join(", ")}. Try again.`,
          {
            retryAfterS: 1,
          },
        );
      }
      await pause(attempt);
      const known = attempt === 0 ? texts : await readAnew(left);
      const travellers = [...known]
        .map(([player, text]) => ({ player, text, claim: parseClaim(text, home) }))
        // Nobody is in a partition that is not configured (any more).
        .filter(({ claim }) => storeOf(to ?? claim.partition));
      const isAway = ({ claim }: Traveller) => to !== undefined && claim.partition !== to;
      const away = travellers.filter(isAway);
      const came = to === undefined ? [] : await moveTo(to, away, heedCoolDowns, kept);
      const there = travellers.filter((each) => !isAway(each));
      const entered = new Set((await enterAll([...there, ...came])).map(({ player }) => player));
      left = travellers.map(({ player }) => player).filter((player) => !entered.has(player) && !kept.has(player));
    }
    return kept;
  };

  const readAnew = async (players: readonly string[]): Promise<Map<string, string | null>> => {
    const texts = await readTexts(players);
    return new Map(players.map((player, n) => [player, texts[n] ?? null]));
  };

  return {
    read: async (players) => (await readTexts(players)).map((text) => parseClaim(text, home)),
    bring: async (players, partition, { heedCoolDowns, attempt = 1 }) => {
      await pause(attempt - 1);
      const texts = await readTexts(players);
      const now = clock.now();
      const isIn = (text: string | null): boolean => {
        const claim = parseClaim(text, home);
        if (claim.partition !== partition || !claim.entered || attempt > 1) return false;
        return text === null || !isToRenew(claim, now);
      };
      const toBring = players.flatMap((player, n): [string, string | null][] => {
        const text = texts[n] ?? null;
        return isIn(text) ? [] : [[player, text]];
      });
      return bringAll(new Map(toBring), partition, heedCoolDowns);
    },
    enter: async (players) => {
      await bringAll(await readAnew(players), undefined, false);
    },
    close: () => shards.close(),
  };
};

/** A player on its way, with its claim as it is now, and as Redis holds that. */
interface Traveller {
  player: string;
  text: string | null;
  claim: Claim;
}

const asClaimant = ({ player, claim: { epoch } }: Traveller) => ({ player, epoch });
