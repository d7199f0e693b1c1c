import type { Measure } from "@muster/core/service";
import type { QueueView, Snapshot } from "./frames.ts";

/** Of the system as a whole. One monitor tells them, so that nothing is counted twice. */
export const systemMeasures = (look: () => Snapshot): Measure[] => {
  const byQueue = (name: string, help: string, pick: (queue: QueueView) => number | null | undefined): Measure => ({
    ...{ name, help, type: "gauge", label: "queue" },
    read: () =>
      new Map(
        look().queues.flatMap((queue): [string, number][] => {
          const value = pick(queue);
          return typeof value === "number" ? [[queue.name, value]] : [];
        }),
      ),
  });
  return [
    byQueue("muster_queue_depth", "Tickets that wait.", ({ depth }) => depth),
    byQueue("muster_queue_open_matches", "Matches that look for players.", ({ openMatches }) => openMatches),
    byQueue("muster_queue_arrivals_per_second", "Of the last minute.", ({ perSecond }) => perSecond.arrivals),
    byQueue("muster_queue_matches_per_second", "Of the last minute.", ({ perSecond }) => perSecond.matches),
    byQueue("muster_queue_seconds_since_match", "Since a match was made last.", (queue) => queue.sinceMatchMs / 1_000),
    byQueue("muster_queue_elo_gap", "Mean of the last 200 matches.", ({ eloGap }) => eloGap),
    byQueue(
      "muster_queue_conflict_ratio",
      "Conflicts of all proposals of the last minute.",
      (queue) => queue.conflictShare,
    ),
    {
      ...{ name: "muster_services_dead", type: "gauge", help: "Services that fell silent without saying goodbye." },
      read: () => look().services.filter(({ dead }) => dead).length,
    },
    {
      ...{ name: "muster_trouble", type: "gauge", help: "What the monitor finds amiss, by level.", label: "level" },
      read: () => {
        const { trouble } = look();
        const count = (level: string) => trouble.filter((each) => each.level === level).length;
        return new Map(["warning", "fault"].map((level) => [level, count(level)]));
      },
    },
  ];
};
