import type {
  Delta,
  Frame,
  HistoryPoint,
  LeftPoint,
  MatchView,
  QueueView,
  RunView,
  ServiceView,
  Snapshot,
  Trouble,
  WaitingPoint,
} from "@muster/monitor/frames";
import { withMatches } from "@muster/monitor/with-matches";

/** What the page knows. Everything on it is drawn from this, and this changes by `reduce` alone. */
export interface State {
  /** `lost`: the connection is gone; what is shown is from before. */
  connection: "connecting" | "open" | "lost";
  /** Of the server's last frame, ms since the epoch. */
  at: number;
  seq: number;
  queues: readonly QueueView[];
  services: readonly ServiceView[];
  waiting: ReadonlyMap<string, WaitingPoint>;
  waitingTotal: number;
  /** Who left with the last frame, for who draws the way out. */
  left: readonly LeftPoint[];
  matches: readonly MatchView[];
  history: Readonly<Record<string, readonly HistoryPoint[]>>;
  trouble: readonly Trouble[];
  conflictShare: number | null;
  sampled: boolean;
  doctor: Snapshot["doctor"];
  tester: boolean;
  runs: readonly RunView[];
}

export type Action = { type: "frame"; frame: Frame } | { type: "opened" } | { type: "lost" };

export const EMPTY: State = {
  connection: "connecting",
  ...{ at: 0, seq: 0, queues: [], services: [], waiting: new Map(), waitingTotal: 0, left: [], matches: [] },
  ...{ history: {}, trouble: [], conflictShare: null, sampled: false, doctor: null, tester: false, runs: [] },
};

const MATCHES_SHOWN = 100;
const HISTORY_MS = 15 * 60_000;

export const reduce = (state: State, action: Action): State => {
  switch (action.type) {
    case "opened":
      return { ...state, connection: "open" };
    case "lost":
      return { ...state, connection: "lost" };
    case "frame":
      return action.frame.kind === "snapshot" ? fromSnapshot(action.frame) : withDelta(state, action.frame);
  }
};

const fromSnapshot = ({ kind: _, waiting, ...snapshot }: Snapshot): State => ({
  ...snapshot,
  connection: "open",
  waiting: new Map(waiting.map((point) => [point.id, point])),
  left: [],
});

const withDelta = (state: State, delta: Delta): State => {
  // Sent again after a connection was made anew.
  if (delta.seq <= state.seq) return state;
  const waiting = new Map(state.waiting);
  for (const point of delta.entered) waiting.set(point.id, point);
  for (const { id } of delta.left) waiting.delete(id);
  return {
    ...state,
    connection: "open",
    ...{ at: delta.at, seq: delta.seq, waiting, waitingTotal: delta.waitingTotal, left: delta.left },
    matches: delta.matches.length === 0 ? state.matches : withMatches(state.matches, delta.matches, MATCHES_SHOWN),
    ...(delta.queues && { queues: delta.queues }),
    ...(delta.services && { services: delta.services }),
    ...(delta.trouble && { trouble: delta.trouble }),
    ...(delta.sampled !== undefined && { sampled: delta.sampled }),
    ...(delta.conflictShare !== undefined && { conflictShare: delta.conflictShare }),
    ...(delta.doctor !== undefined && { doctor: delta.doctor }),
    ...(delta.runs && { runs: delta.runs }),
    ...(delta.history && { history: withPoints(state.history, delta.history) }),
  };
};

const withPoints = (history: State["history"], newest: Readonly<Record<string, HistoryPoint>>): State["history"] =>
  Object.fromEntries(
    Object.entries(newest).map(([queue, point]) => {
      const before = (history[queue] ?? []).filter(({ at }) => at < point.at && at > point.at - HISTORY_MS);
      return [queue, [...before, point]];
    }),
  );

/** How far a ticket accepts opponents by now; Infinity: any. The server's own tries may lag behind by one. */
export const spreadOf = ({ retryEveryMs, spreads }: QueueView, waitedMs: number): number => {
  const tries = waitedMs / retryEveryMs;
  const step = spreads.findLast(({ fromTry }) => fromTry <= tries);
  return step?.eloSpread ?? Number.POSITIVE_INFINITY;
};
