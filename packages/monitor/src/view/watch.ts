import { type MusterEvent, type OtherEvent, type Queues, SERVICE_DEAD_AFTER_MS } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type Diagnosis, type EventCursor, type EventLog, followEvents, type Store } from "@muster/store";
import { CommitCounts, type Commits, conflictShareOf } from "./commit-counts.ts";
import { fillWaiting } from "./fill-waiting.ts";
import { findStuck } from "./find-stuck.ts";
import { findTrouble } from "./find-trouble.ts";
import type {
  Delta,
  HistoryPoint,
  LeftPoint,
  QueueView,
  RunView,
  ServiceView,
  Snapshot,
  TicketMoment,
  Trouble,
} from "./frames.ts";
import { Growth } from "./growth.ts";
import { MatchBoard } from "./match-board.ts";
import { QueueHistory } from "./queue-history.ts";
import { toQueueView } from "./queue-view.ts";
import { TicketHistories, ticketsOfEvent } from "./ticket-histories.ts";
import { WaitingTickets } from "./waiting-tickets.ts";

/** Frames per second are bounded, whatever happens. */
const FRAME_MS = 200;
const LOOK_MS = 1_000;
/** Between two reads of events: frames don't need them sooner. */
const REST_MS = 50;
const VERIFIED_PER_S = 200;
/** Looks after which also a few who were not told of here are looked for. */
const FILL_ALL_EVERY = 10;

export interface WatchDeps {
  store: Pick<
    Store,
    | "readMatch"
    | "readTicket"
    | "readQueueStats"
    | "readServices"
    | "readRange"
    | "readSchedule"
    | "readDiagnosis"
    | "clock"
  >;
  /** Of each partition. */
  events: readonly EventLog[];
  queues: Queues;
  tester: boolean;
  /** What the tester does. */
  runs: () => readonly RunView[];
  log: Logger;
}

/** Follows what happens in all partitions, and tells it in frames: once for all pages. It reads by name, and scans nothing. */
export interface Watch {
  snapshot(): Snapshot;
  onFrame(listener: (frame: Delta) => void): () => void;
  /** What happened to a ticket, as far as events told of it; empty for one that is not known. */
  historyOf(ticket: string): readonly TicketMoment[];
  /** A service was killed: it is dead until it has begun anew, though its last word is not old. */
  killed(service: string): void;
  /** Whether Redis answers. */
  ready(): boolean;
  close(): Promise<void>;
}

export const startWatch = async ({ store, events, queues, tester, runs, log }: WatchDeps): Promise<Watch> => {
  const { clock } = store;
  const histories = new Map([...queues.keys()].map((name) => [name, new QueueHistory()]));
  const tickets = new TicketHistories();
  const waiting = new WaitingTickets();
  const board = new MatchBoard(store);
  const listeners = new Set<(frame: Delta) => void>();
  const stopped = new AbortController();
  let queueViews: QueueView[] = [];
  let services: ServiceView[] = [];
  let trouble: Trouble[] = [];
  let diagnosis: Diagnosis | undefined;
  let isTold = true;
  /** More matches are made than are read, and so told. */
  let sampled = false;
  let seq = 0;
  let looks = 0;
  let unreachable = false;
  let dropped = 0;
  const commitCounts = new CommitCounts();
  let commits: Commits = { matches: 0, conflicts: 0, byQueue: new Map() };
  const [resyncs, missed, gaveUp] = [new Growth(60_000), new Growth(5 * 60_000), new Growth(10 * 60_000)];
  /** Killed service → when that one had begun. */
  const killed = new Map<string, number>();

  const leave = (left: LeftPoint) => {
    waiting.leave(left);
    tickets.left(left.id);
  };

  const apply = (event: MusterEvent | OtherEvent): void => {
    if (event.type === "other") return;
    const history = histories.get(event.queue);
    switch (event.type) {
      case "queued": {
        history?.count("arrivals", event.at);
        const { ticket: id, queue, elo = 0, players = 1, at } = event;
        waiting.enter({ id, queue, elo, players, since: at }, clock.now());
        break;
      }
      case "cancelled":
      case "expired":
        history?.count(event.type, event.at);
        leave({ id: event.ticket, why: event.type });
        break;
      case "matched":
      case "joined": {
        if (event.type === "matched") history?.matched(event.eloGap, event.at);
        else history?.joined(event.at);
        const { match, matchmaker } = event;
        const mover = services.find(({ figures }) => figures.mover === event.mover)?.name;
        const way = { ...(matchmaker !== undefined && { matchmaker }), ...(mover !== undefined && { mover }) };
        for (const id of ticketsOfEvent(event)) leave({ id, why: "matched", match, ...way });
        board.made(match);
        break;
      }
      case "started":
      case "ended":
      case "dissolved":
        board.changed(event.match, event.type === "started" ? "live" : event.type);
        break;
      default:
    }
    tickets.note(event, (id) => waiting.has(id));
  };

  const follow = async (stream: EventLog, from: EventCursor) => {
    const onTrouble = (error: unknown) => log.warn({ err: error }, "events can't be read right now; trying again");
    for await (const page of followEvents(stream, from, { signal: stopped.signal, onTrouble, restMs: REST_MS })) {
      dropped += page.missed;
      for (const { event } of page.events) apply(event);
    }
  };

  const verify = async () => {
    const ids = waiting.doubtful(VERIFIED_PER_S, clock.now());
    const found = await Promise.all(ids.map((id) => store.readTicket(id)));
    for (const [index, id] of ids.entries()) {
      const status = found[index]?.status ?? "expired";
      if (status === "queued") waiting.confirm(id, clock.now());
      else leave({ id, why: status === "cancelled" || status === "expired" ? status : "matched" });
    }
  };

  const totals = (figure: string, role?: string) =>
    new Map(
      services
        .filter((service) => role === undefined || service.role === role)
        .map(({ name, figures }) => [name, Number(figures[figure] ?? 0)]),
    );

  const look = async () => {
    sampled = board.takeLeftOut();
    const now = clock.now();
    let [redisMs, overdueMs] = [0, 0];
    try {
      const askedAt = performance.now();
      const names = [...queues.keys()];
      const [stats, beats, schedule, found] = await Promise.all([
        store.readQueueStats(names),
        store.readServices(),
        store.readSchedule(names, 1),
        store.readDiagnosis(),
      ]);
      redisMs = performance.now() - askedAt;
      overdueMs = Math.max(0, now - Math.min(now, schedule.matchDueAt, ...schedule.dueAt.values()));
      diagnosis = found;
      const depths = new Map([...stats].map(([name, { depth }]) => [name, depth]));
      await verify();
      await fillWaiting(store, waiting, depths, { now, all: looks % FILL_ALL_EVERY === 0 });
      looks += 1;
      unreachable = false;
      services = beats.map((beat) => ({ ...beat, dead: isDead(beat, now) }));
      commits = commitCounts.since(services);
      for (const [queue, count] of commits.byQueue) histories.get(queue)?.count("conflicts", now, count);
      const shown = Map.groupBy(waiting.all, ({ queue }) => queue);
      queueViews = [...queues.values()].map((queue) => {
        const history = histories.get(queue.name) ?? new QueueHistory();
        const { depth = 0, openMatches = 0, waitMs = null } = stats.get(queue.name) ?? {};
        history.stands(depth, waitMs, now);
        return toQueueView(queue, history, { depth, openMatches, waitMs }, shown.get(queue.name) ?? [], now);
      });
    } catch (error) {
      if (!unreachable) log.warn({ err: error }, "Redis can't be read right now; trying again");
      unreachable = true;
    }
    trouble = findTrouble({
      ...{ services, queues: queueViews, commits, unreachable, redisMs, overdueMs, diagnosis },
      stuck: findStuck(waiting.all, queues, queueViews, now),
      missedEvents: missed.see(new Map([["events", dropped]]), now),
      resyncs: resyncs.see(totals("resyncs"), now),
      gaveUp: gaveUp.see(totals("gaveUp", "webhooks"), now),
    });
    isTold = false;
  };

  const isDead = ({ name, at, startedAt }: Pick<ServiceView, "name" | "at" | "startedAt">, now: number): boolean => {
    if ((killed.get(name) ?? Number.NEGATIVE_INFINITY) < startedAt) killed.delete(name);
    return killed.has(name) || at < now - SERVICE_DEAD_AFTER_MS;
  };

  const waitingTotal = () => queueViews.reduce((sum, { depth }) => sum + depth, 0);
  const standing = () => ({
    ...{ queues: queueViews, services, trouble, sampled, conflictShare: conflictShareOf(commits), runs: [...runs()] },
    doctor: diagnosis ? { at: diagnosis.at, faults: diagnosis.faults } : null,
  });

  const sendFrame = () => {
    const { entered, left } = waiting.takeChanges();
    const matches = board.takeFresh();
    if (entered.length + left.length + matches.length === 0 && isTold) return;
    seq += 1;
    const frame: Delta = {
      ...{ kind: "delta", seq, at: clock.now(), entered, left, waitingTotal: waitingTotal(), matches },
      ...(!isTold && { ...standing(), history: newestPoints() }),
    };
    isTold = true;
    for (const listener of listeners) listener(frame);
  };

  const newestPoints = (): Record<string, HistoryPoint> =>
    Object.fromEntries([...histories].flatMap(([name, { points }]) => entryOf(name, points.at(-1))));

  // What happens from here on is told by events, whatever the look finds of it.
  const from = await Promise.all(events.map(async (stream) => ({ stream, end: await stream.end() })));
  await look();
  waiting.takeChanges();
  const following = Promise.all(from.map(({ stream, end }) => follow(stream, end))).catch((error) =>
    log.error({ err: error }, "events are not followed any more"),
  );
  let reading: Promise<void> | undefined;
  const frames = setInterval(() => {
    sendFrame();
    // A match that can't be read is one that pages don't show.
    reading ??= board
      .read()
      .catch(() => {})
      .finally(() => {
        reading = undefined;
      });
  }, FRAME_MS);
  let looking = Promise.resolve();
  const looksEvery = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);

  return {
    snapshot: () => ({
      ...{ kind: "snapshot", seq, at: clock.now(), ...standing(), matches: [...board.all], tester },
      ...{ waiting: waiting.all, waitingTotal: waitingTotal() },
      history: Object.fromEntries([...histories].map(([name, { points }]) => [name, [...points]])),
    }),
    onFrame: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    historyOf: (ticket) => tickets.of(ticket),
    killed: (name) => {
      const service = services.find((each) => each.name === name);
      if (!service) return;
      killed.set(name, service.startedAt);
      services = services.map((each) => (each === service ? { ...each, dead: true } : each));
      isTold = false;
    },
    ready: () => !unreachable,
    close: async () => {
      stopped.abort();
      clearInterval(frames);
      clearInterval(looksEvery);
      await Promise.all([following, looking, reading]);
    },
  };
};

const entryOf = <Item>(name: string, item: Item | undefined): [string, Item][] => (item ? [[name, item]] : []);
