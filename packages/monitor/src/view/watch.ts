import { type Queues, SERVICE_DEAD_AFTER_MS, type StreamEntry } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type EventLog, followEvents, type Store, unpackTicket } from "@muster/store";
import { CommitCounts, type Commits, conflictShareOf } from "./commit-counts.ts";
import { findTrouble } from "./find-trouble.ts";
import type { Delta, HistoryPoint, MatchView, QueueView, ServiceView, Snapshot, Trouble } from "./frames.ts";
import { ticketsOf, toMatchView } from "./match-view.ts";
import { QueueHistory } from "./queue-history.ts";
import { toQueueView } from "./queue-view.ts";
import { MAX_SHOWN, WaitingTickets } from "./waiting-tickets.ts";

/** Frames per second are bounded, whatever happens. */
const FRAME_MS = 200;
const LOOK_MS = 1_000;
const MATCHES_KEPT = 100;
/** Records read in a second at most; beyond that pages show a sample, and say so. */
const READS_PER_S = 300;
/** Of those matches, so many with their tickets: no page shows more of them in a second. */
const READ_WHOLLY_PER_S = 25;
const VERIFIED_PER_S = 200;
/** The doctor reads everything, so it looks seldom, and not at all when that is much. */
const EXAMINE_EVERY_MS = 60_000;
const MAX_EXAMINED = 2_000;

export interface WatchDeps {
  store: Pick<
    Store,
    "readMatch" | "readTicket" | "readQueueStats" | "readServices" | "readRange" | "readSchedule" | "clock"
  >;
  /** What is inconsistent, as the doctor says it. */
  examine: () => Promise<string[]>;
  events: EventLog;
  queues: Queues;
  tester: boolean;
  log: Logger;
}

/** Follows what happens in a partition, and tells it in frames: once for all pages. */
export interface Watch {
  snapshot(): Snapshot;
  onFrame(listener: (frame: Delta) => void): () => void;
  /** Whether Redis answers. */
  ready(): boolean;
  close(): Promise<void>;
}

export const startWatch = async ({ store, examine, events, queues, tester, log }: WatchDeps): Promise<Watch> => {
  const histories = new Map([...queues.keys()].map((name) => [name, new QueueHistory()]));
  const waiting = new WaitingTickets();
  const listeners = new Set<(frame: Delta) => void>();
  const stopped = new AbortController();
  const { clock } = store;
  let matches: MatchView[] = [];
  let freshMatches: MatchView[] = [];
  let queueViews: QueueView[] = [];
  let services: ServiceView[] = [];
  let trouble: Trouble[] = [];
  let looked = false;
  /** More matches are made than are read, and so told. */
  let sampled = false;
  let seq = 0;
  let readsLeft = READS_PER_S;
  let wholeLeft = READ_WHOLLY_PER_S;
  let missedEvents = 0;
  let unreachable = false;
  const commitCounts = new CommitCounts();
  let commits: Commits = { matches: 0, conflicts: 0, byQueue: new Map() };
  let redisMs = 0;
  let overdueMs = 0;
  let inconsistencies: string[] = [];
  let examinedAt = 0;
  /** Of each second of the last minute, how often playservers had read all again until then. */
  const resyncs: number[] = [];

  const apply = async ({ event }: StreamEntry): Promise<void> => {
    const history = "queue" in event ? histories.get(event.queue) : undefined;
    switch (event.type) {
      case "queued": {
        history?.count("arrivals", event.at);
        const { ticket: id, queue, elo = 0, players = 1, at } = event;
        waiting.enter({ id, queue, elo, players, since: at }, clock.now());
        return;
      }
      case "cancelled":
      case "expired":
        history?.count(event.type, event.at);
        waiting.leave({ id: event.ticket, why: event.type });
        return;
      case "matched":
      case "joined": {
        history?.matched(event.eloGap ?? 0, event.at);
        if (readsLeft-- <= 0) return;
        const match = await store.readMatch(event.match);
        if (!match) return;
        const { matchmaker } = event;
        const mover = services.find(({ figures }) => figures.mover === event.mover)?.name;
        const way = { ...(matchmaker !== undefined && { matchmaker }), ...(mover !== undefined && { mover }) };
        const ids = ticketsOf(match);
        for (const id of ids) waiting.leave({ id, why: "matched", match: match.id, ...way });
        const tickets = wholeLeft-- > 0 ? await Promise.all(ids.map((id) => store.readTicket(id))) : [];
        show(
          toMatchView(
            match,
            tickets.filter((ticket) => ticket !== null),
          ),
        );
        return;
      }
      case "started":
      case "ended":
      case "dissolved": {
        const known = matches.find(({ id }) => id === event.match);
        if (known) show({ ...known, state: event.type === "started" ? "live" : event.type });
        return;
      }
      default:
    }
  };

  const show = (match: MatchView) => {
    matches = [match, ...matches.filter(({ id }) => id !== match.id)].slice(0, MATCHES_KEPT);
    freshMatches = [match, ...freshMatches.filter(({ id }) => id !== match.id)].slice(0, MATCHES_KEPT);
  };

  const follow = async () => {
    const onTrouble = (error: unknown) => log.warn({ err: error }, "events can't be read right now; trying again");
    for await (const page of followEvents(events, await events.end(), { signal: stopped.signal, onTrouble })) {
      missedEvents += page.missed;
      for (const entry of page.entries) await apply(entry).catch(onTrouble);
    }
  };

  /** Whom the stream told of before this began. */
  const readWaiting = async () => {
    for (const queue of queues.keys()) {
      const packed = await store.readRange(queue, { low: -Infinity, high: Infinity, centre: 1_000, limit: MAX_SHOWN });
      for (const { id, elo, players, createdAt } of packed.map(unpackTicket)) {
        waiting.enter({ id, queue, elo, players: players.length, since: createdAt }, clock.now());
      }
    }
  };

  const verify = async () => {
    const ids = waiting.doubtful(VERIFIED_PER_S, clock.now());
    const tickets = await Promise.all(ids.map((id) => store.readTicket(id)));
    for (const [index, id] of ids.entries()) {
      const status = tickets[index]?.status ?? "expired";
      if (status === "queued") waiting.confirm(id, clock.now());
      else waiting.leave({ id, why: status === "cancelled" || status === "expired" ? status : "matched" });
    }
  };

  const look = async () => {
    sampled = readsLeft < 0;
    readsLeft = READS_PER_S;
    wholeLeft = READ_WHOLLY_PER_S;
    const now = clock.now();
    try {
      const askedAt = performance.now();
      const [stats, beats, schedule] = await Promise.all([
        store.readQueueStats([...queues.keys()]),
        store.readServices(),
        store.readSchedule([...queues.keys()], 1),
      ]);
      redisMs = performance.now() - askedAt;
      overdueMs = Math.max(0, now - Math.min(now, ...schedule.dueAt.values()));
      await verify();
      unreachable = false;
      services = beats.map((beat) => ({ ...beat, dead: beat.at < now - SERVICE_DEAD_AFTER_MS }));
      commits = commitCounts.since(services);
      for (const [queue, count] of commits.byQueue) histories.get(queue)?.count("conflicts", now, count);
      const shown = Map.groupBy(waiting.all, ({ queue }) => queue);
      queueViews = [...queues.values()].map((queue) => {
        const history = histories.get(queue.name) ?? new QueueHistory();
        const { depth = 0, openMatches = 0, waitMs = null } = stats.get(queue.name) ?? {};
        history.stands(depth, waitMs, now);
        return toQueueView(queue, history, { depth, openMatches, waitMs }, shown.get(queue.name) ?? [], now);
      });
      resyncs.push(services.reduce((sum, { figures }) => sum + Number(figures.resyncs ?? 0), 0));
      if (resyncs.length > 60) resyncs.shift();
      if (now > examinedAt + EXAMINE_EVERY_MS && waitingTotal() <= MAX_EXAMINED) {
        examinedAt = now;
        inconsistencies = await examine();
      }
    } catch (error) {
      if (!unreachable) log.warn({ err: error }, "Redis can't be read right now; trying again");
      unreachable = true;
    }
    const resynced = Math.max(0, (resyncs.at(-1) ?? 0) - (resyncs[0] ?? 0));
    trouble = findTrouble({
      ...{ services, queues: queueViews, commits, missedEvents, unreachable },
      ...{ redisMs, overdueMs, resyncs: resynced, inconsistencies },
    });
    looked = true;
  };

  const waitingTotal = () => queueViews.reduce((sum, { depth }) => sum + depth, 0);

  const sendFrame = () => {
    const { entered, left } = waiting.takeChanges();
    const fresh = freshMatches;
    freshMatches = [];
    if (entered.length + left.length + fresh.length === 0 && !looked) return;
    seq += 1;
    const frame: Delta = {
      ...{ kind: "delta", seq, at: clock.now(), entered, left, waitingTotal: waitingTotal(), matches: fresh },
      ...(looked && {
        queues: queueViews,
        services,
        trouble,
        sampled,
        conflictShare: conflictShareOf(commits),
        history: newestPoints(),
      }),
    };
    looked = false;
    for (const listener of listeners) listener(frame);
  };

  const newestPoints = (): Record<string, HistoryPoint> =>
    Object.fromEntries([...histories].flatMap(([name, { points }]) => entryOf(name, points.at(-1))));

  await readWaiting().catch(() => {});
  waiting.takeChanges();
  await look();
  const following = follow().catch((error) => log.error({ err: error }, "events are not followed any more"));
  const frames = setInterval(sendFrame, FRAME_MS);
  let looking = Promise.resolve();
  const looks = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);

  return {
    snapshot: () => ({
      ...{ kind: "snapshot", seq, at: clock.now(), queues: queueViews, services, matches, trouble, tester, sampled },
      ...{ waiting: waiting.all, waitingTotal: waitingTotal(), conflictShare: conflictShareOf(commits) },
      history: Object.fromEntries([...histories].map(([name, { points }]) => [name, [...points]])),
    }),
    onFrame: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready: () => !unreachable,
    close: async () => {
      stopped.abort();
      clearInterval(frames);
      clearInterval(looks);
      await Promise.all([following, looking]);
    },
  };
};

const entryOf = <Item>(name: string, item: Item | undefined): [string, Item][] => (item ? [[name, item]] : []);
