-- What is over: matches (sessions), who played in them, and tickets. Each table is partitioned by the month (UTC) in
-- which its rows ended, so that an old month goes by dropping three tables: session_players_2026_01, sessions_2026_01
-- and tickets_2026_01, in this order.

CREATE TYPE ticket_status AS ENUM ('matched', 'cancelled', 'expired');

CREATE TABLE sessions (
  id text NOT NULL,
  ended_at timestamptz NOT NULL,
  partition text NOT NULL,
  queue text NOT NULL,
  -- Null when its record was gone before it was archived: then only the event's words are known.
  created_at timestamptz,
  elo_gap double precision CHECK (elo_gap >= 0),
  quality double precision CHECK (quality BETWEEN 0 AND 1),
  region text,
  -- In the same order; the sizes at the end.
  team_names text[] NOT NULL DEFAULT '{}',
  team_sizes integer[] NOT NULL DEFAULT '{}' CHECK (0 <= ALL (team_sizes)),
  PRIMARY KEY (id, ended_at),
  CHECK (ended_at >= created_at),
  CHECK (cardinality(team_names) = cardinality(team_sizes))
) PARTITION BY RANGE (ended_at);
CREATE INDEX ON sessions (queue, ended_at);

CREATE TABLE session_players (
  session_id text NOT NULL,
  ended_at timestamptz NOT NULL,
  player_id text NOT NULL,
  ticket_id text NOT NULL,
  team text NOT NULL,
  role text,
  elo double precision NOT NULL,
  score double precision,
  -- Null for who stayed until the end.
  left_at timestamptz,
  PRIMARY KEY (session_id, ended_at, player_id),
  FOREIGN KEY (session_id, ended_at) REFERENCES sessions (id, ended_at) ON DELETE CASCADE,
  CHECK (left_at <= ended_at)
) PARTITION BY RANGE (ended_at);
CREATE INDEX ON session_players (player_id, ended_at);

CREATE TABLE tickets (
  id text NOT NULL,
  ended_at timestamptz NOT NULL,
  partition text NOT NULL,
  queue text NOT NULL,
  status ticket_status NOT NULL,
  created_at timestamptz NOT NULL,
  tries integer NOT NULL CHECK (tries >= 0),
  session_id text,
  -- Null, as the players, when its record was gone before it was archived.
  players jsonb,
  player_ids text[] CHECK (cardinality(player_ids) > 0),
  attributes jsonb,
  PRIMARY KEY (id, ended_at),
  CHECK (ended_at >= created_at),
  CHECK ((status = 'matched') = (session_id IS NOT NULL))
) PARTITION BY RANGE (ended_at);
CREATE INDEX ON tickets (queue, ended_at);
CREATE INDEX ON tickets USING gin (player_ids);

-- How far each partition of Muster is archived. Written with the rows themselves, so that none comes twice or not at all.
CREATE TABLE archive_progress (
  partition text PRIMARY KEY,
  -- The last entry of the event stream, and how many the stream had up to then.
  event_id text NOT NULL,
  event_count bigint,
  -- Events that the stream had dropped before they could be archived.
  missed bigint NOT NULL DEFAULT 0,
  -- Tickets and matches whose record was gone.
  incomplete bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Events that could not be stored, and why.
CREATE TABLE archive_faults (
  partition text NOT NULL,
  event_id text NOT NULL,
  event text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (partition, event_id)
);
