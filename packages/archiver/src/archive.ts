import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type EventLog, STREAM_START, type Store } from "@muster/store";
import { archivePage } from "./archive-page.ts";
import { type Database, openDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";
import { makeMonths, monthOf } from "./months.ts";
import { readProgress } from "./write-batch.ts";

/** Entries of the stream: at most some thousands of events, which are written together. */
const PAGE = 100;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
const STAND_BY_MS = 1_000;
const MONTHS_AHEAD_EVERY_MS = 3_600_000;

/** How the archiver does, for whoever asks. Counts are of this process. */
export interface ArchiveStatus {
  state: "connecting" | "standing by" | "archiving";
  sessions: number;
  tickets: number;
  /** Entries that the stream dropped before they were archived: what so many calls told. */
  missed: number;
  /** Tickets and matches whose record was gone. */
  incomplete: number;
  /** Events that PostgreSQL refused. */
  refused: number;
  /** Entries of the stream that are still to be read. */
  behind: number;
  /** Null while all is well. */
  trouble: string | null;
}

export interface ArchiveOptions {
  databaseUrl: string;
  name: string;
  partition: string;
  events: EventLog;
  store: Pick<Store, "readMatch" | "readTicket">;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  status: ArchiveStatus;
}

/**
 * Archives until the signal. PostgreSQL or Redis may go and come back: it begins again from the saved place, after half
 * a second at first, ten at most.
 */
export const archive = async (options: ArchiveOptions): Promise<void> => {
  const { signal, status, log } = options;
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      await archiveOnce(options, () => {
        retryMs = FIRST_RETRY_MS;
        status.trouble = null;
      });
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      // Once for each trouble, not for each try.
      if (status.trouble !== reason) log.warn({ err: error }, "can't archive right now; trying again");
      status.trouble = reason;
      status.state = "connecting";
      await sleep(retryMs, undefined, { signal }).catch(() => {});
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
  }
};

/** One session with PostgreSQL: waits until no other archiver works for this partition, then archives. */
const archiveOnce = async (options: ArchiveOptions, onProgress: () => void): Promise<void> => {
  const { signal, status, partition } = options;
  await using database = await openDisposable(options);
  status.state = "standing by";
  onProgress();
  while (!(await isOurs(database, partition))) {
    await sleep(STAND_BY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
  await migrate(database);
  status.state = "archiving";
  await archivePages({ ...options, database }, onProgress);
};

const archivePages = async (options: ArchiveOptions & { database: Database }, onProgress: () => void) => {
  const { database, partition, events, signal, status, log, clock } = options;
  const months = new Set<string>();
  let monthsMadeAt = -Infinity;
  let cursor = (await readProgress(database, partition)) ?? STREAM_START;
  while (!signal.aborted) {
    if (clock.now() - monthsMadeAt > MONTHS_AHEAD_EVERY_MS) {
      await makeMonthsAhead(options);
      monthsMadeAt = clock.now();
    }
    const page = await events.read(cursor, PAGE);
    if (page.restarted) log.error("the event stream was begun anew: what was not archived by then is lost");
    if (page.missed > 0)
      log.error({ missed: page.missed }, "entries were dropped by the stream before they were archived");
    if (page.events.length > 0 || page.missed > 0 || page.restarted) {
      const { sessions, tickets, incomplete, refused } = await archivePage({ ...options, months }, page);
      if (refused > 0) log.error({ refused }, "PostgreSQL refused events; see archive_faults");
      status.sessions += sessions;
      status.tickets += tickets;
      status.missed += page.missed;
      status.incomplete += incomplete;
      status.refused += refused;
    }
    cursor = page.next;
    status.behind = Math.max(0, (page.end.count ?? 0) - (cursor.count ?? 0));
    onProgress();
    // A connection that PostgreSQL closed is noticed here, and with it that another one may archive by now.
    if (!database.isOpen()) throw new Error("PostgreSQL closed the connection");
    if (page.events.length === 0) await events.wait(cursor);
  }
};

/** This month's tables and the next one's. Whoever keeps the tables locked for long doesn't stop what needs none. */
const makeMonthsAhead = async ({ database, clock, log }: ArchiveOptions & { database: Database }): Promise<void> => {
  await makeMonths(database, [monthOf(clock.now()), monthOf(clock.now(), 1)]).catch((error) => {
    if (!database.isOpen()) throw error;
    log.warn({ err: error }, "the next month's tables can't be made right now; trying again in an hour");
  });
};

/** The lock is the session's: it is given up when that ends, however it ends. */
const isOurs = async (database: Database, partition: string): Promise<boolean> => {
  const { rows } = await database.query("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS ours", [
    `muster-archiver ${partition}`,
  ]);
  return rows[0]?.ours === true;
};

const openDisposable = async ({ databaseUrl, name }: ArchiveOptions): Promise<Database & AsyncDisposable> => {
  const database = await openDatabase(databaseUrl, name);
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
};
