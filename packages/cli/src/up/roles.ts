/** What `muster up` runs, in the order in which a player meets it; webhooks and archiver only when they are asked for. */
export const ROLES = [
  "redis",
  "orchestrator",
  "sweeper",
  "matchmaker",
  "mover",
  "playserver",
  "monitor",
  "webhooks",
  "archiver",
  "nginx",
] as const;
export type Role = (typeof ROLES)[number];

/** The roles that are Muster's own: each has an entry that Node runs, and a service that can share a process. */
export type ServiceRole = Exclude<Role, "redis" | "nginx">;

/**
 * The order of stopping: first nobody new gets in, then those go who hold connections or take requests, then those who
 * work on what is queued, then those who tell and keep what they did, at last the store that all of them write to. Each stage ends before the next begins.
 */
export const STOP_STAGES: readonly (readonly Role[])[] = [
  ["nginx"],
  ["playserver", "monitor"],
  ["orchestrator", "sweeper"],
  ["matchmaker"],
  ["mover"],
  ["webhooks", "archiver"],
  ["redis"],
];

const ENTRIES: Record<ServiceRole, string> = {
  orchestrator: "orchestrator/src/main.ts",
  sweeper: "orchestrator/src/sweeper/main.ts",
  matchmaker: "matchmaker/src/main.ts",
  mover: "mover/src/main.ts",
  playserver: "playserver/src/main.ts",
  monitor: "monitor/src/main.ts",
  webhooks: "webhooks/src/main.ts",
  archiver: "archiver/src/main.ts",
};

export const SERVICE_ROLES = Object.keys(ENTRIES) as ServiceRole[];

/**
 * What Node is told for a role. Of the 10,000 connections that a playserver holds, most of what making one takes is
 * garbage at once; a small young generation keeps that from spreading over a third more memory.
 */
const NODE_FLAGS: Partial<Record<ServiceRole, readonly string[]>> = { playserver: ["--max-semi-space-size=4"] };

export const nodeFlagsOf = (role: ServiceRole): readonly string[] => NODE_FLAGS[role] ?? [];

const PACKAGES = new URL("../../../", import.meta.url);

/** The file that runs a role as a process of its own. */
export const entryOf = (role: ServiceRole): URL => new URL(ENTRIES[role], PACKAGES);

/** The files that Muster ships at its top level. */
export const shippedFile = (name: "nginx.conf" | "queues.json"): URL => new URL(`../${name}`, PACKAGES);
