/**
 * Becomes a role of Muster, or its command line: `node deploy/run.ts orchestrator`, `node deploy/run.ts muster doctor`.
 * It is process number 1 of its container: the role's own handlers take its signals, and it starts no other processes.
 */
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
// Not the whole of @muster/cli: each role would load it.
import { entryOf, SERVICE_ROLES } from "@muster/cli/roles";

const [name = "", ...args] = process.argv.slice(2);
const role = SERVICE_ROLES.find((each) => each === name);
const entry = role ? entryOf(role) : name === "muster" ? new URL("../packages/cli/src/main.ts", import.meta.url) : null;
if (!entry) {
  console.error(`There is no role "${name}". The roles are: ${SERVICE_ROLES.join(", ")}, muster.`);
  process.exit(2);
}
// Of process numbers all containers have the same.
if (role) process.env.MUSTER_NAME ??= `${role}-${hostname().toLowerCase().slice(0, 40)}`;
// As if it had been called by itself: the command line reads its arguments from there.
process.argv = [process.argv[0] ?? "node", fileURLToPath(entry), ...args];
await import(entry.href);
