import type { StreamEvent } from "@muster/core";
import type { EventPage, Store } from "@muster/store";
import { type Database, isRefusal } from "./database.ts";
import { type Batch, gather } from "./gather.ts";
import { makeMonths, monthsOf } from "./months.ts";
import { saveProgress, writeBatch } from "./write-batch.ts";

export interface ArchiveDeps {
  database: Database;
  partition: string;
  store: Pick<Store, "readMatch" | "readTicket">;
  /** Months that are known to have their tables. */
  months: Set<string>;
}

/** What was archived. */
export interface Archived {
  sessions: number;
  tickets: number;
  incomplete: number;
  /** Events that PostgreSQL refused; they stand in archive_faults. */
  refused: number;
}

/**
 * Archives a page of events: its rows and the place where to read on in one transaction. So whatever dies in the middle,
 * the page is archived once. Rows that PostgreSQL refuses must not stop all others: then each event goes by itself.
 */
export const archivePage = async (deps: ArchiveDeps, page: EventPage): Promise<Archived> => {
  const { database, partition, store } = deps;
  const batch = await gather(page.events, partition, store);
  await prepareMonths(deps, batch);
  const write = (work: () => Promise<number>) =>
    database.transaction(async () => {
      const refused = await work();
      await saveProgress(database, partition, page.next, { missed: page.missed, incomplete: batch.incomplete });
      return refused;
    });
  const refused = await write(async () => {
    await writeBatch(database, batch);
    return 0;
  }).catch((error) => {
    if (!isRefusal(error)) throw error;
    return write(() => writeEach(deps, page.events));
  });
  return {
    sessions: batch.sessions.length,
    tickets: batch.tickets.length,
    incomplete: batch.incomplete,
    refused,
  };
};

/** @returns how many events were refused */
const writeEach = async (
  { database, partition, store }: ArchiveDeps,
  events: readonly StreamEvent[],
): Promise<number> => {
  let refused = 0;
  for (const told of events) {
    const batch = await gather([told], partition, store);
    await database.query("SAVEPOINT one");
    try {
      await writeBatch(database, batch);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused += 1;
      await database.query("ROLLBACK TO SAVEPOINT one");
      // A text with a NUL is refused as such, so it is written as JSON, which has it escaped.
      await database.query(
        "INSERT INTO archive_faults (partition, event_id, event, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [partition, told.id, JSON.stringify(told.event), error.message],
      );
    }
    await database.query("RELEASE SAVEPOINT one");
  }
  return refused;
};

const prepareMonths = async ({ database, months }: ArchiveDeps, { sessions, tickets }: Batch): Promise<void> => {
  const wanted = monthsOf([...sessions, ...tickets].map((row) => row.endedAt)).filter(({ name }) => !months.has(name));
  if (wanted.length === 0) return;
  await makeMonths(database, wanted);
  for (const { name } of wanted) months.add(name);
};
