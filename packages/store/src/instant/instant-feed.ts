import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import type { InstantStore } from "./instant-store.ts";
import type { WaitingUser } from "./waiting-user.ts";

/** How often the list is compared with Redis: what was announced and not heard is found then. */
export const COMPARE_EVERY_MS = 5_000;
const RETRY_MS = 1_000;
/** What is announced within this time goes as one message. */
const GATHER_MS = 5;
/** So many changes at most in one message: some 300 KiB. */
const CHANGES_PER_MESSAGE = 200;

/** What playservers tell each other. */
export interface InstantNews {
  /** Users who wait from now on. */
  readonly added?: readonly WaitingUser[];
  /** Aliases under which nobody waits any more. */
  readonly gone?: readonly string[];
  /** Who would meet again, and in which ended session they met. */
  readonly again?: readonly { readonly user: string; readonly session: string }[];
}

/** Who waits for instant matches, at whichever playserver. */
export interface InstantFeed {
  /** Tells all playservers, this one included, soon. What can't be told right now is found when they compare. */
  announce(news: InstantNews): void;
  /** Whether Redis answers and announcements are being listened to. */
  ready(): boolean;
  close(): Promise<void>;
}

export interface InstantFeedOptions {
  url: string;
  keys: Keys;
  name: string;
  store: Pick<InstantStore, "waitingTickets" | "waiting">;
  onNews: (news: InstantNews) => void;
  /** The list as this playserver knows it: ticket → alias, and the ticket's version with which it has that. */
  known: () => ReadonlyMap<string, Pick<WaitingUser, "alias" | "version">>;
  onTrouble?: (error: unknown) => void;
}

/**
 * Announcements are Redis' publish and subscribe: cheap, and lost when nobody listens. So the list is also compared with
 * the queue in Redis, which is the truth: after each (re)connection, once listening, and every few seconds.
 */
export const openInstantFeed = async (options: InstantFeedOptions): Promise<InstantFeed> => {
  const { url, keys, name, store, onNews, known } = options;
  const channel = keys.instantChannel;
  const listener = connect(url, `${name}:instant`, keys.partition);
  listener.options.autoResubscribe = false;
  const teller = connect(url, `${name}:instant-tell`, keys.partition);
  let up = false;
  let closed = false;
  let isFailing = false;

  const failed = (error: unknown) => {
    if (closed || isFailing) return;
    isFailing = true;
    options.onTrouble?.(error);
  };

  let comparing: Promise<void> | undefined;
  const goneMeanwhile = new Set<string>();
  const compare = (): Promise<void> => {
    comparing ??= (async () => {
      try {
        goneMeanwhile.clear();
        const before = new Map(known());
        const there = await store.waitingTickets();
        const gone = [...before].flatMap(([ticket, { alias }]) => (there.has(ticket) ? [] : [alias]));
        // Not here at all, or with other preferences by now.
        const newer = [...there].filter(([ticket, version]) => before.get(ticket)?.version !== version);
        const found = await store.waiting(newer.map(([ticket]) => ticket));
        // Who went while the tickets were read would otherwise be on the list until the next time.
        const added = found.filter(({ alias }) => !goneMeanwhile.has(alias));
        if (!closed && gone.length + added.length > 0) onNews({ added, gone });
        isFailing = false;
      } catch (error) {
        failed(error);
      } finally {
        comparing = undefined;
      }
    })();
    return comparing;
  };

  const goUp = async () => {
    while (!closed && listener.status === "ready" && !up) {
      try {
        await listener.subscribe(channel);
        up = true;
        await compare();
      } catch (error) {
        failed(error);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  };

  listener.on("message", (_channel: string, text: string) => {
    // Only playservers write to this channel.
    const news = JSON.parse(text) as InstantNews;
    if (comparing) for (const alias of news.gone ?? []) goneMeanwhile.add(alias);
    if (!closed) onNews(news);
  });
  listener.on("close", () => {
    up = false;
  });
  const timer = setInterval(() => {
    if (up) compare();
  }, COMPARE_EVERY_MS).unref();

  const pending: Required<{ [Key in keyof InstantNews]: unknown[] }> = { added: [], gone: [], again: [] };
  let flushing: NodeJS.Timeout | undefined;
  const flush = () => {
    flushing = undefined;
    while (pending.added.length + pending.gone.length + pending.again.length > 0) {
      const news = {
        added: pending.added.splice(0, CHANGES_PER_MESSAGE),
        gone: pending.gone.splice(0, CHANGES_PER_MESSAGE),
        again: pending.again.splice(0, CHANGES_PER_MESSAGE),
      };
      teller.publish(channel, JSON.stringify(news)).then(() => {
        isFailing = false;
      }, failed);
    }
  };

  const [reached] = await Promise.allSettled([listener.connect(), teller.connect()]);
  if (reached.status === "fulfilled") await goUp();
  listener.on("ready", goUp);
  if (!up && listener.status === "ready") goUp();

  return {
    announce: ({ added = [], gone = [], again = [] }) => {
      pending.added.push(...added);
      pending.gone.push(...gone);
      pending.again.push(...again);
      flushing ??= setTimeout(flush, GATHER_MS);
    },
    ready: () => up,
    close: async () => {
      closed = true;
      clearInterval(timer);
      if (flushing) {
        clearTimeout(flushing);
        flush();
      }
      await comparing;
      await Promise.all([disconnect(listener), disconnect(teller)]);
    },
  };
};
