/** A playserver without sockets: watches all players of a crowd and notes when it is told that one is in a match. */
import { setTimeout as sleep } from "node:timers/promises";
import { createWatchRegistry, type Watcher } from "@muster/playserver";
import { createKeys, openPlayerFeed, type PlayerFeed } from "@muster/store";
import { answerCalls, type Calls } from "../child.ts";
import { readCrowd } from "./crowd.ts";
import { wallNow } from "./wall-now.ts";

export interface WatchCalls extends Calls {
  open(order: { redisUrl: string }): Promise<void>;
  /** Resolves when the state of each was told once; what was watched before is watched no more. */
  watch(order: { crowd: string; count: number }): Promise<void>;
  /** How many of them are in a match as far as was told. */
  told(): number;
  /** When each was told to be in a match, ms since the epoch; NaN for those who were not. */
  toldAt(): Float64Array;
}

let feed: PlayerFeed;
let registry: ReturnType<typeof createWatchRegistry>;
let watcher: Watcher | undefined;
let watched: string[] = [];
let toldAt = new Float64Array();
let told = 0;
let seen = 0;

const open: WatchCalls["open"] = async ({ redisUrl }) => {
  feed = await openPlayerFeed({
    url: redisUrl,
    keys: createKeys("main"),
    name: "bench-watch",
    onState: (player, state) => registry.publish(player, state),
  });
  registry = createWatchRegistry(feed);
};

const watch: WatchCalls["watch"] = async ({ crowd: name, count }) => {
  if (watcher) registry.unwatch(watcher, watched);
  const crowd = await readCrowd(name, 0);
  [toldAt, told, seen] = [new Float64Array(count).fill(Number.NaN), 0, 0];
  watched = Array.from({ length: count }, (_, index) => crowd.id(index));
  watcher = {
    deliver: (player, version, frame) => {
      if (version === 0) seen += 1;
      else if (frame.includes('"state":"inmatch"')) {
        const index = crowd.indexOf(player);
        if (!Number.isNaN(toldAt[index])) return;
        toldAt[index] = wallNow();
        told += 1;
      }
    },
  };
  registry.watch(watcher, watched);
  while (seen < count) await sleep(20);
};

answerCalls({ open, watch, told: () => told, toldAt: () => toldAt } satisfies WatchCalls as Calls);
