import type { ServiceBeat } from "@muster/core";

/** What a service says of itself, that of `role-1`. @param at ms since the epoch */
export const sampleBeat = (role: string, at: number): ServiceBeat => ({
  ...{ name: `${role}-1`, role, version: "1.0.0", host: "here", pid: 7, startedAt: at, at },
  load: { cpuShare: 0, rssMiB: 50, loopShare: 0 },
  holds: { count: 0, ids: [] },
  figures: {},
});

/** The roles that a system can't do without. */
export const SAMPLE_ROLES = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver"];
