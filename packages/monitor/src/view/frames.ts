import type { ServiceBeat } from "@muster/core";

/** What the server tells the page: a snapshot first, then what changes, several times a second. */
export type Frame = Snapshot | Delta;

export interface Snapshot {
  kind: "snapshot";
  /** Of the last frame that is in it: a page that lost its connection asks for what came after. */
  seq: number;
  at: number;
  queues: QueueView[];
  services: ServiceView[];
  waiting: WaitingPoint[];
  /** How many wait in all, of whom `waiting` shows as many as the page can draw. */
  waitingTotal: number;
  matches: MatchView[];
  /** By queue, oldest first. */
  history: Record<string, HistoryPoint[]>;
  trouble: Trouble[];
  /** Of the last second's proposals, 0 to 1; null when there were none. */
  conflictShare: number | null;
  /** More matches are made than are told here. */
  sampled: boolean;
  /** What the doctor found when it last looked at everything; null: it has not, within a week. */
  doctor: { at: number; faults: number } | null;
  /** Whether the tester may be used, with the admin key. */
  tester: boolean;
  /** What the tester does, and did last. */
  runs: RunView[];
}

export interface Delta {
  kind: "delta";
  seq: number;
  at: number;
  entered: WaitingPoint[];
  left: LeftPoint[];
  waitingTotal: number;
  matches: MatchView[];
  /** Absent: as before. */
  queues?: QueueView[];
  services?: ServiceView[];
  trouble?: Trouble[];
  conflictShare?: number | null;
  sampled?: boolean;
  doctor?: Snapshot["doctor"];
  runs?: RunView[];
  /** The newest point of each queue, in place of an older one of the same time. */
  history?: Record<string, HistoryPoint>;
}

/** A ticket that waits. */
export interface WaitingPoint {
  id: string;
  queue: string;
  elo: number;
  players: number;
  /** ms since the epoch. */
  since: number;
}

export interface LeftPoint {
  id: string;
  why: "matched" | "cancelled" | "expired";
  match?: string;
  /** Of who was matched: names of the matchmaker that found it, and of the mover that committed it, where known. */
  matchmaker?: string;
  mover?: string;
}

/** Something that happened to a ticket, as its event tells it. */
export interface TicketMoment {
  type: string;
  at: number;
  player?: string;
  match?: string;
  matchmaker?: string;
  reason?: string;
}

/** Tickets that the tester puts into a queue. */
export interface RunView {
  id: string;
  queue: string;
  wanted: number;
  sent: number;
  accepted: number;
  refused: number;
  /** Why, of the last that was refused. */
  refusal?: string;
  isGoing: boolean;
  /** What was done with its players last, in words. */
  said?: string;
}

export interface QueueView {
  name: string;
  title: string;
  /** Whether its tickets have an elo: in instant matching nobody has. */
  hasElo: boolean;
  /** Players of a ticket at most. */
  maxPartySize: number;
  /** Players of a match at most. */
  size: number;
  retryEveryMs: number;
  /** How far opponents may be away, by tries; absent: any. */
  spreads: { fromTry: number; eloSpread?: number }[];
  /** Regions that its definition places matches in. */
  regions: string[];
  /** Of the proposals of the last minute that were for it, 0 to 1; null when there were none. */
  conflictShare: number | null;
  depth: number;
  openMatches: number;
  waitMs: { p50: number; p90: number; p99: number } | null;
  /** Of the last minute. */
  perSecond: { arrivals: number; matches: number };
  cancelled: number;
  expired: number;
  eloGap: number | null;
  /** Since the last match, or since the monitor began to look. */
  sinceMatchMs: number;
  /** How many of those shown can have had so many tries by the time they waited: 0, 1, 2–3, 4–7, 8–15, 16 and more. */
  tries: number[];
}

export interface HistoryPoint {
  /** Beginning of its seconds, ms since the epoch. */
  at: number;
  depth: number;
  arrivals: number;
  matches: number;
  conflicts: number;
  cancelled: number;
  expired: number;
  waitP50Ms: number | null;
  waitP90Ms: number | null;
  waitP99Ms: number | null;
  eloGap: number | null;
}

export interface ServiceView extends ServiceBeat {
  /** It fell silent without saying goodbye. */
  dead: boolean;
}

export interface MatchView {
  id: string;
  queue: string;
  state: string;
  createdAt: number;
  /** Absent where nobody has an elo. */
  eloGap?: number;
  quality: number;
  region?: string;
  /** How long its tickets had waited, the shortest and the longest; absent: not looked up. */
  waitedMs?: { min: number; max: number };
  /** The worst ping of a player: to its region, else the average one; absent: nothing is known. */
  worstPingMs?: number;
  teams: { name: string; elo: number; players: { id: string; elo: number }[] }[];
}

export interface Trouble {
  what: string;
  /** What to do about it. */
  todo: string;
  level: "warning" | "fault";
}
