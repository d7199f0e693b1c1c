import type { Clock, PlayerState, Random } from "@muster/core";
import { type Claim, parseClaim } from "../claims/claim.ts";
import { openClaimShards, readClaimTexts } from "../claims/claim-shards.ts";
import { openClaims } from "../claims/open-claims.ts";
import { openStores } from "../partitions/open-stores.ts";

/** All partitions of a deployment. */
export interface Deployment {
  home: string;
  partitions: readonly string[];
  random: Random;
}

/** Where else than in the partition that is looked at players are, and may be. */
export interface Elsewhere {
  /** In order; undefined for a claim that can't be read. */
  readClaims(players: readonly string[]): Promise<(Claim | undefined)[]>;
  /** The other partitions in which a player is busy. */
  readBusy(player: string): Promise<Busy[]>;
  /** Brings a player's claim to a partition, by the protocol; false when it is busy in another. */
  bring(player: string, partition: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface Busy {
  partition: string;
  state: PlayerState;
}

export interface ElsewhereOptions extends Deployment {
  url: string;
  /** The partition that is looked at. */
  partition: string;
  name: string;
  /** The local clock. */
  clock: Clock;
}

/** Connects to where claims are; to the other partitions only once somebody may be in two. */
export const openElsewhere = async (options: ElsewhereOptions): Promise<Elsewhere> => {
  const { url, home, partition, name, clock, random } = options;
  const shards = await openClaimShards(url, name);
  const open = async () => {
    await using held = new AsyncDisposableStack();
    const stores = held.adopt(
      await openStores({ url, partitions: new Set([home, ...options.partitions, partition]), name, clock }),
      (opened) => opened.close(),
    );
    const claims = held.adopt(
      await openClaims({ url, home, name, clock, random, storeOf: (of) => stores.all.get(of) }),
      (opened) => opened.close(),
    );
    const release = held.move();
    return { stores, claims, close: () => release.disposeAsync() };
  };
  let opening: ReturnType<typeof open> | undefined;
  const opened = () => (opening ??= open());

  return {
    readClaims: async (players) =>
      (await readClaimTexts(shards, players)).map((text) => {
        try {
          return parseClaim(text, home);
        } catch {
          return undefined;
        }
      }),
    readBusy: async (player) => {
      const others = [...(await opened()).stores.all].filter(([of]) => of !== partition);
      const found = await Promise.all(
        others.map(async ([of, store]): Promise<Busy> => ({ partition: of, state: await store.readPlayer(player) })),
      );
      return found.filter(({ state }) => state.state !== "idle");
    },
    bring: async (player, to) => {
      const kept = await (await opened()).claims.bring([player], to, { heedCoolDowns: false });
      return kept.size === 0;
    },
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
      await shards.close();
    },
  };
};
