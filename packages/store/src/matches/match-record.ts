import { type Match, type MatchState, playersOf } from "@muster/core";

/**
 * A match's record is a hash. Its field `made` says how it was made, and never changes:
 *
 *     queue state version createdAt endsAt body
 *
 * Each other field says what is not so any more, and is absent until then, since a commit pays for each: state, version,
 * which rises with whatever a join depends on, endsAt and body; revision (absent: 0), which rises with every change; and
 * endedAt.
 */
export const MATCH_FIELDS = ["made", "state", "version", "endsAt", "body", "endedAt"] as const;

type MatchFields = Readonly<Partial<Record<(typeof MATCH_FIELDS)[number], string | null>>>;

/** What a match's record keeps as JSON. */
export type MatchBody = Omit<
  Match,
  "id" | "queue" | "state" | "version" | "createdAt" | "endsAt" | "endedAt" | "joined"
>;

export interface MatchRecord {
  queue: string;
  state: MatchState;
  version: number;
  createdAt: number;
  endsAt: number;
  endedAt?: number;
  body: MatchBody;
}

export const formatBody = (match: Match): string => {
  const {
    id: _,
    queue: _q,
    state: _s,
    version: _v,
    createdAt: _c,
    endsAt: _e,
    endedAt: _n,
    joined: _j,
    ...body
  } = match;
  return JSON.stringify(body satisfies MatchBody);
};

/** What `made` says. */
export const formatMade = (match: Match): string => {
  const { queue, state, version, createdAt, endsAt } = match;
  return `${queue} ${state} ${version} ${createdAt} ${endsAt} ${formatBody(match)}`;
};

/**
 * Undefined for a record that is not there.
 *
 * @throws SyntaxError for a body that nobody could have written
 */
export const parseMatchRecord = ({ made, ...since }: MatchFields): MatchRecord | undefined => {
  const [, queue, state, version, createdAt, endsAt, body] =
    /^(\S+) (\S+) (\d+) (\d+) (\d+) (.+)$/s.exec(made ?? "") ?? [];
  if (queue === undefined || body === undefined) return undefined;
  return {
    queue,
    // The commit and the scripts write no other state and no other body.
    state: (since.state ?? state) as MatchState,
    version: Number(since.version ?? version),
    createdAt: Number(createdAt),
    endsAt: Number(since.endsAt ?? endsAt),
    ...(since.endedAt && { endedAt: Number(since.endedAt) }),
    body: JSON.parse(since.body ?? body) as MatchBody,
  };
};

/** A match out of its record; null when there is none. @throws as parseMatchRecord */
export const toMatch = (id: string, fields: MatchFields): Match | null => {
  const record = parseMatchRecord(fields);
  if (!record) return null;
  const { body, ...rest } = record;
  const match = { id, ...rest, ...body };
  return { ...match, joined: playersOf(match).filter(({ presence }) => presence !== undefined).length };
};
