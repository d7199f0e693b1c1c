import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "./database.ts";

const FOLDER = new URL("./migrations/", import.meta.url);
/** Says to PostgreSQL which lock is meant; any number that no other program uses. */
const LOCK = 7_203_411;

/** The .sql files in their order; each runs once, in a transaction of its own. Safe while others do the same. */
export const migrate = async (database: Database): Promise<void> => {
  await database.query("SELECT pg_advisory_lock($1)", [LOCK]);
  try {
    await database.query(
      "CREATE TABLE IF NOT EXISTS archive_migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await database.query("SELECT name FROM archive_migrations");
    const done = new Set(rows.map(({ name }) => name));
    for (const name of readdirSync(FOLDER)
      .filter((file) => file.endsWith(".sql"))
      .sort()) {
      if (done.has(name)) continue;
      await database.transaction(async () => {
        await database.query(readFileSync(new URL(name, FOLDER), "utf8"));
        await database.query("INSERT INTO archive_migrations (name) VALUES ($1)", [name]);
      });
    }
  } finally {
    await database.query("SELECT pg_advisory_unlock($1)", [LOCK]);
  }
};
