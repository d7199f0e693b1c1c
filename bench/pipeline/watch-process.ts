/** A playserver without sockets: watches all players of a crowd and notes when it is told that one is in a match. */
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_PARTITION } from "@muster/core";
import { readQueues, systemClock, systemRandom } from "@muster/core/service";
import { createWatchRegistry, type Watcher } from "@muster/playserver";
import { openPartitions, openRoutedFeed, type RoutedFeed } from "@muster/store";
import { answerCalls, type Calls } from "../child.ts";
import { readCrowd } from "./crowd.ts";
import { type Told, ToldBook } from "./told-book.ts";

export interface WatchCalls extends Calls {
  open(order: { redisUrl: string; queuesFile: string }): Promise<void>;
  /** Resolves when the state of each was told once; what was watched before is watched no more. */
  watch(order: { crowd: string; count: number; places?: number }): Promise<void>;
  /** How many of them are in a match as far as was told. */
  toldCount(): number;
  /** The same by the place to which they came. */
  toldByPlace(): number[];
  told(): Told;
}

let feed: RoutedFeed;
let registry: ReturnType<typeof createWatchRegistry>;
let watcher: Watcher | undefined;
let watched: string[] = [];
let book: ToldBook | undefined;
let seen = 0;
/** Frames are not parsed: their fields stand in one order. */
const MATCH = /"match":"([^"]+)"/;

const open: WatchCalls["open"] = async ({ redisUrl: url, queuesFile }) => {
  const about = { url, queues: await readQueues(queuesFile), home: DEFAULT_PARTITION, name: "bench-watch" };
  const partitions = await openPartitions({ ...about, clock: systemClock, random: systemRandom });
  feed = await openRoutedFeed(partitions, {
    ...{ url, name: about.name },
    onState: (player, state) => registry.publish(player, state),
  });
  registry = createWatchRegistry(feed);
};

const watch: WatchCalls["watch"] = async ({ crowd: name, count, places }) => {
  if (watcher) registry.unwatch(watcher, watched);
  const crowd = await readCrowd(name, 0);
  const own = new ToldBook(crowd, count, places);
  book = own;
  seen = 0;
  watched = Array.from({ length: count }, (_, index) => crowd.id(index));
  watcher = {
    deliver: (player, _version, frame) => {
      // Once, before anybody is enqueued; again only of who comes from another partition.
      if (frame.includes('"state":"idle"')) seen += 1;
      else if (frame.includes('"state":"inmatch"')) own.note(player, MATCH.exec(frame)?.[1] ?? "");
    },
  };
  registry.watch(watcher, watched);
  while (seen < count || isSubscribing()) await sleep(20);
};

/** Where a player isn't, too: its own partition's channel, and its claim's. */
const isSubscribing = (): boolean => {
  const { unheard, unread } = feed.stats();
  return unheard + unread > 0;
};

const told = (): Told => {
  if (!book) throw new Error("nobody was watched");
  return book.told;
};

const toldCount = (): number => book?.count ?? 0;

answerCalls({ open, watch, toldCount, toldByPlace: () => book?.byPlace ?? [], told } satisfies WatchCalls as Calls);
