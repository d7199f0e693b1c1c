-- How a session went: when it began or why it never did, and who came; and why a ticket ended by something else than its
-- own wish or deadline. Null in rows from before, and where a record was gone.

ALTER TABLE sessions
  ADD COLUMN started_at timestamptz,
  ADD COLUMN dissolved text CHECK (dissolved IN ('declined', 'silent', 'disconnected', 'tooFew')),
  ADD CHECK (started_at BETWEEN created_at AND ended_at),
  ADD CHECK (started_at IS NULL OR dissolved IS NULL);

ALTER TABLE session_players
  -- ATTENDED only in a session that dissolved; null for who had not joined one.
  ADD COLUMN presence text CHECK (presence IN ('ATTENDED', 'PLAYED', 'LEFT')),
  ADD CHECK ((presence = 'LEFT') = (left_at IS NOT NULL));

ALTER TABLE tickets
  ADD COLUMN reason text CHECK (reason IN ('declined', 'silent', 'left', 'noShow', 'disconnected')),
  ADD CHECK (reason IS NULL OR status <> 'matched');
