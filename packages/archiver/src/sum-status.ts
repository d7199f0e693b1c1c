import type { ArchiveStatus } from "./archive.ts";

/** How an archiver that has not begun does. */
export const newStatus = (): ArchiveStatus => ({
  state: "connecting",
  sessions: 0,
  tickets: 0,
  missed: 0,
  incomplete: 0,
  refused: 0,
  behind: 0,
  trouble: null,
});

/** Of all partitions together: what is archived of any of them is archived, and a trouble names its partition. */
export const sumStatus = (statuses: ReadonlyMap<string, ArchiveStatus>): ArchiveStatus => {
  const all = [...statuses.values()];
  const sum = (what: "sessions" | "tickets" | "missed" | "incomplete" | "refused" | "behind") =>
    all.reduce((total, status) => total + status[what], 0);
  const troubles = [...statuses].flatMap(([partition, { trouble }]) => {
    if (trouble === null) return [];
    return [statuses.size === 1 ? trouble : `${partition}: ${trouble}`];
  });
  return {
    state:
      (["archiving", "standing by"] as const).find((state) => all.some((status) => status.state === state)) ??
      "connecting",
    ...{ sessions: sum("sessions"), tickets: sum("tickets"), missed: sum("missed"), incomplete: sum("incomplete") },
    ...{ refused: sum("refused"), behind: sum("behind"), trouble: troubles.join("; ") || null },
  };
};
