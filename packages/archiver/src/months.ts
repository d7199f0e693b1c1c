import type { Database } from "./database.ts";

const TABLES = ["sessions", "session_players", "tickets"] as const;

/** A month by UTC: `2026_11`, from its first moment to the next month's. */
export interface Month {
  name: string;
  from: string;
  to: string;
}

/** @param later months later than the one of that time */
export const monthOf = (ms: number, later = 0): Month => {
  const at = new Date(ms);
  const begin = (months: number) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later + months, 1));
  const from = begin(0).toISOString();
  return { name: from.slice(0, 7).replace("-", "_"), from, to: begin(1).toISOString() };
};

/** The months of these times, each once. */
export const monthsOf = (times: readonly number[]): Month[] => [
  ...new Map(times.map((ms) => monthOf(ms)).map((month) => [month.name, month])).values(),
];

/** What PostgreSQL says when another makes the same table at the same time: duplicate_table, or unique_violation. */
const MADE_BY_ANOTHER = new Set<unknown>(["42P07", "23505"]);

/** Makes the tables of months that have none. Succeeds if another made them before, or does so now. */
export const makeMonths = async (database: Database, months: readonly Month[]): Promise<void> => {
  for (const { name, from, to } of months) {
    for (const table of TABLES) {
      // Names and times are ours alone; DDL takes no parameters.
      await database
        .query(
          `CREATE TABLE IF NOT EXISTS ${table}_${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${to}')`,
        )
        .catch((error: Error & { code?: unknown }) => {
          if (!MADE_BY_ANOTHER.has(error.code)) throw error;
        });
    }
  }
};
