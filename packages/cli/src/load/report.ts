import Table from "cli-table3";
import type { Ledger } from "./ledger.ts";
import type { FinalCounts } from "./lives.ts";

/** What a load run found. The names are fixed: scripts and the bench read them. Null: nothing was measured. */
export interface LoadReport {
  /** Tickets that were accepted: the sum of the five that follow. */
  enqueued: number;
  matched: number;
  cancelled: number;
  expired: number;
  /** Still in the queue at the end. */
  waiting: number;
  /** Accepted, but with no final state known after the grace time. Must be 0. */
  lost: number;
  /** A player was seen in two unfinished matches. Must be 0. */
  duplicates: number;
  /** From the enqueue's answer to the arrival of the `inmatch` state; 0 when the state came first. */
  waitMs: { p50: number | null; p90: number | null; p99: number | null };
  /** From the commit (store's clock) to the arrival of the `inmatch` state. */
  notifyMs: { p50: number | null; p99: number | null };
  /** Difference of the teams' mean elos. */
  eloGap: { mean: number | null; p95: number | null };
  /** Difference between the highest and the lowest average ping of a match. */
  pingGapMs: { mean: number | null; p95: number | null };
  /** Things seen that can't be true at the same time. Must be 0. */
  invalid: number;
  /** Matched, but the match was over before its `inmatch` state was seen. */
  unseen: number;
  /** Players that arrived: the sum of enqueued, refused, unanswered and not sent. */
  arrived: number;
  refused: Record<string, number>;
  unanswered: number;
  /** Would have exceeded the calls that may be under way at once. */
  notSent: number;
  cancelsAsked: number;
  matches: number;
  /** Matches whose elo gap is known. */
  eloGapSample: number;
  reconnects: number;
  socketErrors: number;
  /** Notifications that arrived before what they tell of, by so much: the clocks differ and `notifyMs` is worth less. */
  clockSkewMs: number;
  url: string;
  queue: string;
  rate: number;
  seed: number;
  run: string;
  /** How long players arrived. */
  seconds: number;
  interrupted: boolean;
  /** What is wrong, in words: the first cases. */
  examples: string[];
}

type RunFacts = Omit<LoadReport, keyof ReturnType<typeof figures>>;

const figures = (counts: FinalCounts, ledger: Ledger) => {
  const { waitMs, notifyMs, matches, violations } = ledger;
  const { eloGap, pingGapMs } = matches;
  const { enqueued, matched, cancelled, expired, waiting, lost, duplicates, invalid, unseen, refused } = counts;
  return {
    ...{ enqueued, matched, cancelled, expired, waiting, lost, duplicates },
    waitMs: { p50: waitMs.percentile(50), p90: waitMs.percentile(90), p99: waitMs.percentile(99) },
    notifyMs: { p50: notifyMs.percentile(50), p99: notifyMs.percentile(99) },
    eloGap: { mean: eloGap.mean(), p95: eloGap.percentile(95) },
    pingGapMs: { mean: pingGapMs.mean(), p95: pingGapMs.percentile(95) },
    ...{ invalid, unseen, refused },
    unanswered: counts.unanswered,
    matches: matches.begun,
    eloGapSample: eloGap.count,
    clockSkewMs: ledger.notifiedBeforeMs,
    examples: [...violations.examples],
  };
};

export const buildReport = (counts: FinalCounts, ledger: Ledger, run: RunFacts): LoadReport => ({
  ...figures(counts, ledger),
  ...run,
});

/** Whether every accepted ticket is accounted for exactly once. */
export const addsUp = (report: LoadReport): boolean =>
  report.enqueued === report.matched + report.cancelled + report.expired + report.waiting + report.lost;

/** Whether nothing was seen that must not be. */
export const isClean = (report: LoadReport): boolean =>
  report.lost === 0 && report.duplicates === 0 && report.invalid === 0 && addsUp(report);

const count = (value: number): string => value.toLocaleString("en-US");
const measure = (value: number | null, unit = ""): string => (value === null ? "–" : `${count(value)}${unit}`);

/** The report for a reader: a table, and below it whatever needs attention. */
export const formatReport = (report: LoadReport): string => {
  const { waitMs, notifyMs, eloGap, pingGapMs, refused } = report;
  const mustBeNone = (value: number): string => `${count(value)}${value === 0 ? "" : "  ← must be 0"}`;
  const table = new Table({ colAligns: ["left", "right"], style: { head: [], border: [] } });
  table.push(
    [`queue ${report.queue}`, `${count(report.rate)}/s for ${report.seconds.toFixed(1)} s`],
    ["enqueued", count(report.enqueued)],
    ["matched", count(report.matched)],
    ["cancelled", count(report.cancelled)],
    ["expired", count(report.expired)],
    ["waiting", count(report.waiting)],
    ["lost", mustBeNone(report.lost)],
    ["duplicates", mustBeNone(report.duplicates)],
    ["invalid", mustBeNone(report.invalid)],
    ["wait p50 / p90 / p99", [waitMs.p50, waitMs.p90, waitMs.p99].map((ms) => measure(ms, " ms")).join(" / ")],
    ["commit to notification p50 / p99", [notifyMs.p50, notifyMs.p99].map((ms) => measure(ms, " ms")).join(" / ")],
    ["elo gap mean / p95", `${measure(eloGap.mean)} / ${measure(eloGap.p95)}`],
    ["ping gap mean / p95", `${measure(pingGapMs.mean, " ms")} / ${measure(pingGapMs.p95, " ms")}`],
    ["matches", count(report.matches)],
  );
  for (const [code, players] of Object.entries(refused)) table.push([`refused: ${code}`, count(players)]);
  return [table.toString(), ...remarks(report)].join("\n");
};

const remarks = (report: LoadReport): string[] => {
  const say = (applies: boolean, text: string) => (applies ? [text] : []);
  return [
    ...say(report.interrupted, "Stopped early: fewer players arrived than asked for."),
    ...say(report.enqueued === 0, "Nobody was enqueued, so this run proves nothing."),
    ...say(
      report.eloGapSample < report.matches,
      `The elo gap is that of ${count(report.eloGapSample)} of ${count(report.matches)} matches.`,
    ),
    ...say(
      report.notSent > 0,
      `${count(report.notSent)} arrivals were not sent: too many calls were waiting for answers. The offered rate was lower than asked for.`,
    ),
    ...say(report.unanswered > 0, `${count(report.unanswered)} enqueues had no answer, and it can't be found out.`),
    ...say(report.unseen > 0, `${count(report.unseen)} matches were over before their player was told of them.`),
    ...say(report.reconnects > 0, `The watching connection was lost and opened again ${report.reconnects} times.`),
    ...say(report.socketErrors > 0, `Muster sent ${count(report.socketErrors)} error frames.`),
    ...say(
      report.clockSkewMs > 0,
      `Notifications came up to ${report.clockSkewMs} ms before what they tell of: the clocks of this machine and of Redis differ.`,
    ),
    ...say(
      !addsUp(report),
      "The counts don't add up: enqueued is not matched + cancelled + expired + waiting + lost. This is a defect of the load command.",
    ),
    ...report.examples,
    ...say(!isClean(report), `Run again with --seed ${report.seed} to offer the same load.`),
  ];
};
