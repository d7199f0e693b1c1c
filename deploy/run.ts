/**
 * Becomes a role of Muster, or its command line: `node deploy/run.ts orchestrator`, `node deploy/run.ts muster doctor`.
 * It is process number 1 of its container: the role's own handlers take its signals, and it starts no other processes.
 */
import { hostname } from "node:os";

const ROLES: Readonly<Record<string, string>> = {
  orchestrator: "orchestrator/src/main.ts",
  sweeper: "orchestrator/src/sweeper/main.ts",
  matchmaker: "matchmaker/src/main.ts",
  mover: "mover/src/main.ts",
  playserver: "playserver/src/main.ts",
  monitor: "monitor/src/main.ts",
  webhooks: "webhooks/src/main.ts",
  archiver: "archiver/src/main.ts",
  muster: "cli/src/main.ts",
};

const [role = "", ...args] = process.argv.slice(2);
const entry = ROLES[role];
if (entry === undefined) {
  console.error(`There is no role "${role}". The roles are: ${Object.keys(ROLES).join(", ")}.`);
  process.exit(2);
}
// Of process numbers all containers have the same.
if (role !== "muster") process.env.MUSTER_NAME ??= `${role}-${hostname().toLowerCase().slice(0, 40)}`;
// As if it had been called by itself: the command line reads its arguments from there.
process.argv = [process.argv[0] ?? "node", entry, ...args];
await import(new URL(`../packages/${entry}`, import.meta.url).href);
