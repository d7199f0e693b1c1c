import type { Queue } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { SEARCH_LOST_AFTER_MS } from "@muster/store";
import { handOutSearches, ROOM_FOR_ALL, type SearchDeps } from "./hand-out-searches.ts";
import { Pace } from "./pace.ts";
import type { SearchTicket } from "./search-ticket.ts";

/**
 * Gathers the tickets that have just been enqueued and hands them out together: the first one waits for a few
 * milliseconds of company, longer where hand-outs take long, and while one is under way, or the matchmakers are behind, the
 * next one fills. So batches follow the load: single tickets when it is quiet, hundreds when it isn't.
 */
export interface NewTicketSearches {
  add(queue: Queue, ticket: SearchTicket): void;
  /**
   * How long a ticket that comes now would wait until it is handed out, as far as can be told; 0 while there is room.
   *
   * @param overdue tickets that wait for the sweeper. Of those, as many count as were left to it of late, for which there
   * was no room either; the others have been searched for before, and that they are late says nothing of new ones.
   */
  delayMs(overdue: number): number;
  /** Hands out what is gathered, then takes no more. */
  close(): Promise<void>;
}

/**
 * More new tickets than this are left to the sweeper, to which they come due. Before it is reached, admission has closed
 * (see `admission.ts`).
 */
const MAX_GATHERED = 20_000;

/** Those that were left to the sweeper in this time count as waiting, as long as so many are overdue. */
const LEFT_COUNTS_MS = 10_000;

/**
 * How long tickets are gathered follows how long a hand-out takes, which tells how busy the machines are: a few tickets cost
 * nearly as much as many, all the way to the commit, so that on busy ones larger batches are what makes room.
 */
const WINDOW_PER_ROUND = 2;
const MAX_GATHER_MS = 50;
const ROUNDS_SMOOTHED = 8;
/** While tickets wait for room: it comes each few ms, and matchmakers without a job are what little can be spared then. */
const LOOK_AGAIN_MS = 2;

/** @param deps its clock's times are compared with those of the tickets */
export const createNewTicketSearches = (deps: SearchDeps, gatherMs: number, log: Logger): NewTicketSearches => {
  const { clock } = deps.store;
  const gathered = new Map<Queue, SearchTicket[]>();
  const pace = new Pace();
  /** How many were left to the sweeper, by the second in which they were; the oldest first. */
  let left: { at: number; tickets: number }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let handingOut: Promise<void> | undefined;
  let closed = false;
  /** How long a hand-out takes of late, smoothed. */
  let roundMs = 0;
  /** When the last round that left tickets over ended; undefined while there is room. */
  let behindAt: number | undefined;

  /** Gathered tickets, and those of the round that is under way: for them there may be no room. */
  let waiting: readonly (readonly SearchTicket[])[] = [];
  const all = () => [...waiting, ...gathered.values()];
  const count = () => all().reduce((sum, { length }) => sum + length, 0);
  const oldest = () => Math.min(...all().map(([first]) => first?.since ?? Infinity));

  const leave = (tickets: number) => {
    if (tickets === 0) return;
    const now = clock.now();
    const last = left.at(-1);
    if (last && now - last.at < 1_000) last.tickets += tickets;
    else left.push({ at: now, tickets });
  };
  const leftLately = () => {
    const from = clock.now() - LEFT_COUNTS_MS;
    left = left.filter(({ at }) => at > from);
    return left.reduce((sum, { tickets }) => sum + tickets, 0);
  };
  /** Keeps as many as may be gathered, the oldest. */
  const keep = (queue: Queue, tickets: SearchTicket[]) => {
    leave(tickets.splice(MAX_GATHERED).length);
    gathered.set(queue, tickets);
  };

  const handOut = async () => {
    // The queue whose tickets have waited longest goes first, so that a busy one can't keep the others waiting.
    const batches = [...gathered].sort(([, [a]], [, [b]]) => (a?.since ?? 0) - (b?.since ?? 0));
    waiting = batches.map(([, tickets]) => tickets);
    gathered.clear();
    let [handedOut, leftOver] = [0, 0];
    for (const [queue, tickets] of batches) {
      try {
        // The others have come due for the sweeper by now.
        const young = tickets.filter(({ since }) => since > clock.now() - SEARCH_LOST_AFTER_MS);
        leave(tickets.length - young.length);
        const rest = await handOutSearches(deps, queue, young);
        handedOut += young.length - rest.length;
        leftOver += rest.length;
        // Who came meanwhile comes after them.
        if (rest.length > 0) keep(queue, [...rest, ...(gathered.get(queue) ?? [])]);
      } catch (error) {
        // Nothing is lost: the tickets are in the queue, and the sweeper takes them when they are due.
        log.warn({ err: error, queue: queue.name, tickets: tickets.length }, "new tickets are left to the sweeper");
      }
      waiting = waiting.slice(1);
    }
    const now = clock.now();
    if (leftOver > 0 && behindAt !== undefined) pace.note(handedOut, now - behindAt);
    behindAt = leftOver > 0 ? now : undefined;
  };

  const windowMs = () => {
    // Who was left over is company enough: only room is waited for.
    if (behindAt !== undefined) return LOOK_AGAIN_MS;
    return Math.max(gatherMs, Math.min(MAX_GATHER_MS, roundMs * WINDOW_PER_ROUND));
  };

  const schedule = () => {
    if (timer || handingOut || gathered.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      const beganAt = performance.now();
      handingOut = handOut().finally(() => {
        handingOut = undefined;
        roundMs += (performance.now() - beganAt - roundMs) / ROUNDS_SMOOTHED;
        schedule();
      });
    }, windowMs());
  };

  return {
    add(queue, ticket) {
      if (closed) return;
      const tickets = gathered.get(queue);
      if (!tickets) gathered.set(queue, [ticket]);
      else if (tickets.length < MAX_GATHERED) tickets.push(ticket);
      else leave(1);
      schedule();
    },
    delayMs: (overdue) => {
      const [own, ownMs] = behindAt === undefined ? [0, 0] : [count(), clock.now() - oldest()];
      return Math.max(0, ownMs, pace.msFor(own + Math.min(overdue, leftLately()) - ROOM_FOR_ALL));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await handingOut;
      clearTimeout(timer);
      await handOut();
    },
  };
};
