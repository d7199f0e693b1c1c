import type { EventCursor } from "@muster/store";
import type { Database } from "./database.ts";
import type { Batch } from "./gather.ts";
import type { ScoreRow, SessionPlayerRow, SessionRow, TicketRow } from "./rows.ts";

// One statement for all rows of a table; the rows go as one JSON text. A row that is there already stays as it is, but
// for the scores of a session that are told after its end.
const WRITE = {
  sessions: `
    INSERT INTO sessions (id, ended_at, partition, queue, created_at, started_at, dissolved, elo_gap, quality, region,
      team_names, team_sizes)
    SELECT id, to_timestamp(ended_at / 1000.0), partition, queue, to_timestamp(created_at / 1000.0),
      to_timestamp(started_at / 1000.0), dissolved, elo_gap, quality, region, team_names, team_sizes
    FROM jsonb_to_recordset($1::jsonb) AS row (id text, ended_at bigint, partition text, queue text, created_at bigint,
      started_at bigint, dissolved text, elo_gap float8, quality float8, region text, team_names text[],
      team_sizes integer[])
    ON CONFLICT DO NOTHING`,
  players: `
    INSERT INTO session_players (session_id, ended_at, player_id, ticket_id, team, role, elo, score, left_at, presence)
    SELECT session_id, to_timestamp(ended_at / 1000.0), player_id, ticket_id, team, role, elo, score,
      to_timestamp(left_at / 1000.0), presence
    FROM jsonb_to_recordset($1::jsonb) AS row (session_id text, ended_at bigint, player_id text, ticket_id text,
      team text, role text, elo float8, score float8, left_at bigint, presence text)
    ON CONFLICT DO NOTHING`,
  scores: `
    UPDATE session_players AS player SET score = row.score
    FROM jsonb_to_recordset($1::jsonb) AS row (session_id text, ended_at bigint, player_id text, score float8)
    WHERE player.session_id = row.session_id AND player.ended_at = to_timestamp(row.ended_at / 1000.0)
      AND player.player_id = row.player_id`,
  tickets: `
    INSERT INTO tickets (id, ended_at, partition, queue, status, created_at, tries, reason, session_id, players,
      player_ids, attributes)
    SELECT id, to_timestamp(ended_at / 1000.0), partition, queue, status, to_timestamp(created_at / 1000.0), tries,
      reason, session_id, players, player_ids, attributes
    FROM jsonb_to_recordset($1::jsonb) AS row (id text, ended_at bigint, partition text, queue text,
      status ticket_status, created_at bigint, tries integer, reason text, session_id text, players jsonb,
      player_ids text[], attributes jsonb)
    ON CONFLICT DO NOTHING`,
};

const SAVE_PROGRESS = `
  INSERT INTO archive_progress (partition, event_id, event_count, missed, incomplete) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (partition) DO UPDATE SET event_id = excluded.event_id, event_count = excluded.event_count,
    missed = archive_progress.missed + excluded.missed,
    incomplete = archive_progress.incomplete + excluded.incomplete, updated_at = now()`;

/** Writes rows. To be called inside of a transaction that saves the progress too. */
export const writeBatch = async (database: Database, batch: Batch): Promise<void> => {
  for (const table of ["sessions", "players", "scores", "tickets"] as const) {
    await write(database, WRITE[table], batch[table]);
  }
};

const write = async (
  database: Database,
  statement: string,
  rows: readonly (SessionRow | SessionPlayerRow | ScoreRow | TicketRow)[],
) => {
  if (rows.length > 0) await database.query(statement, [JSON.stringify(rows.map(inSnakeCase))]);
};

/** `endedAt` → `ended_at`; of the row itself only, not of what the players brought. */
const inSnakeCase = (row: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );

export const saveProgress = async (
  database: Database,
  partition: string,
  { id, count }: EventCursor,
  { missed, incomplete }: { missed: number; incomplete: number },
): Promise<void> => {
  await database.query(SAVE_PROGRESS, [partition, id, count ?? null, missed, incomplete]);
};

/** Null when nothing was archived yet. */
export const readProgress = async (database: Database, partition: string): Promise<EventCursor | null> => {
  const { rows } = await database.query("SELECT event_id, event_count FROM archive_progress WHERE partition = $1", [
    partition,
  ]);
  const [row] = rows;
  if (!row) return null;
  return { id: row.event_id, ...(row.event_count !== null && { count: Number(row.event_count) }) };
};
