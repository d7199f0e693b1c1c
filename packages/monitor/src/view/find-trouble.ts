import type { Diagnosis } from "@muster/store";
import type { Stuck } from "./find-stuck.ts";
import type { QueueView, ServiceView, Trouble } from "./frames.ts";

/** What services must be there for matches to be made. */
const NEEDED = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver"] as const;
const CONFLICT_SHARE = 0.2;
const LOOP_BUSY = 0.9;
const SLOW_REDIS_MS = 250;
const OVERDUE_MS = 5_000;
const MANY_MESSAGES = 1_000;

export interface Standing {
  services: readonly ServiceView[];
  queues: readonly QueueView[];
  /** Commits of the last seconds, and those that conflicted. */
  commits: { matches: number; conflicts: number };
  /** Events that the stream dropped before they were read, lately. */
  missedEvents: number;
  /** Messages that webhooks gave up, lately. */
  gaveUp: number;
  /** Tickets that wait longer than they should. */
  stuck: readonly Stuck[];
  /** Redis can't be read right now. */
  unreachable: boolean;
  /** How long Redis took to answer what is asked each second. */
  redisMs: number;
  /** How long what is due of the queues and matches has been so, at most. */
  overdueMs: number;
  /** How often playservers had to read all again, lately. */
  resyncs: number;
  /** What the doctor found when it last looked. */
  diagnosis: Diagnosis | undefined;
}

/** What an operator should know of, each with what to do. */
export const findTrouble = ({ services, queues, commits, missedEvents, unreachable, ...more }: Standing): Trouble[] => {
  if (unreachable) {
    const todo = "Players wait and lose nothing meanwhile. Start Redis, or look at REDIS_URL and the network.";
    return [{ what: "Redis can't be reached", todo, level: "fault" }];
  }
  const alive = services.filter(({ dead }) => !dead);
  const found: Trouble[] = [];
  for (const { name, at } of services.filter(({ dead }) => dead)) {
    const todo = "muster up starts it again by itself; elsewhere look at its log, and whether its machine is there.";
    found.push({
      what: `${name} said nothing since ${new Date(at).toISOString().slice(11, 19)} UTC`,
      todo,
      level: "fault",
    });
  }
  for (const role of NEEDED) {
    if (alive.some((service) => service.role === role)) continue;
    found.push({ what: `No ${role} runs`, todo: `Start at least one ${role}.`, level: "fault" });
  }
  const movers = alive.filter(({ role }) => role === "mover");
  if (movers.length > 0 && !movers.some(({ figures }) => figures.leads)) {
    const todo = "A standby takes the lease within two seconds. If this stays, run muster doctor.";
    found.push({ what: "No mover leads: matches are found, but not made", todo, level: "warning" });
  }
  for (const { name, load } of alive) {
    if (load.loopShare < LOOP_BUSY) continue;
    const todo = "Start another of its kind, or give it a faster core.";
    found.push({ what: `${name} is busy ${Math.round(load.loopShare * 100)} % of the time`, todo, level: "warning" });
  }
  const tried = commits.matches + commits.conflicts;
  if (tried >= 20 && commits.conflicts / tried > CONFLICT_SHARE) {
    const share = Math.round((100 * commits.conflicts) / tried);
    const todo = "Fewer matchmakers, or wider retryEveryMs: several look at the same players at once.";
    found.push({ what: `${share} % of the proposals conflict`, todo, level: "warning" });
  }
  for (const { name, depth, sinceMatchMs } of queues) {
    if (depth < 50 || sinceMatchMs < 60_000) continue;
    const todo = `Run muster explain on one of its tickets, and muster queues check on the file.`;
    found.push({
      what: `${depth} tickets wait in ${name}, and no match was made for a minute`,
      todo,
      level: "warning",
    });
  }
  for (const { ticket, queue, waitedMs, isOverdue } of more.stuck) {
    const minutes = Math.round(waitedMs / 60_000);
    found.push(
      isOverdue
        ? {
            what: `${ticket} waits in ${queue} for ${minutes} min, and should have expired`,
            todo: "Run muster doctor --deep: if it finds nothing, look at the sweepers' log.",
            level: "fault",
          }
        : {
            what: `${ticket} waits in ${queue} for ${minutes} min, while others are matched`,
            todo: "Its criteria may suit nobody: show it here, or run muster explain on it.",
            level: "warning",
          },
    );
  }
  if (more.redisMs > SLOW_REDIS_MS) {
    const todo = "Look at its CPU, its disk (appendfsync) and the network: everything waits for it.";
    found.push({ what: `Redis took ${Math.round(more.redisMs)} ms to answer`, todo, level: "warning" });
  }
  if (more.overdueMs > OVERDUE_MS) {
    const todo = "Sweepers hand out what is due. Start another, or look at the log of the one that runs.";
    const what = `Something has been due for ${Math.round(more.overdueMs / 1_000)} s: sweeps are missed`;
    found.push({ what, todo, level: "warning" });
  }
  if (more.resyncs > 0) {
    const todo =
      "Watchers end on the newest states all the same. If it goes on, look at the playservers' way to Redis.";
    found.push({
      what: `Playservers had to read all states again ${more.resyncs} times in the last minute`,
      todo,
      level: "warning",
    });
  }
  const webhooks = alive.filter(({ role }) => role === "webhooks");
  const messages = Math.max(0, ...webhooks.map(({ figures }) => Number(figures.waiting ?? 0)));
  if (more.gaveUp > 0 || messages >= MANY_MESSAGES) {
    const todo = "GET /v1/webhooks on a service of theirs tells which endpoint, and its last error.";
    const what = `Webhooks: ${more.gaveUp} messages were given up in the last ten minutes, ${messages} wait`;
    found.push({ what, todo, level: "warning" });
  }
  if (more.diagnosis && more.diagnosis.faults > 0) {
    const { at, faults, told } = more.diagnosis;
    const todo = "Run muster doctor --deep, which says more, and with --repair mends it.";
    const when = new Date(at).toISOString().slice(0, 19).replace("T", " ");
    const what = `The doctor found ${faults} ${faults === 1 ? "inconsistency" : "inconsistencies"} at ${when} UTC: ${told[0]}`;
    found.push({ what, todo, level: "fault" });
  }
  if (missedEvents > 0) {
    const todo = "This page misses some of what happened; players don't. The stream keeps the last 200,000 events.";
    found.push({
      what: `What ${missedEvents} calls told was dropped before it was read here, in the last five minutes`,
      todo,
      level: "warning",
    });
  }
  return found;
};
