import { relative } from "node:path";
import { parseRedisUrl, withoutLogin } from "@muster/core/service";
import { logsDir, redisDir } from "./build-parts.ts";
import type { Part } from "./part.ts";
import type { System, SystemEvent } from "./system.ts";
import { type Row, systemTable } from "./table.ts";

/** What `muster up` says on the console. */

export const eventInWords = (event: SystemEvent): string => {
  switch (event.kind) {
    case "leftovers":
      return `An earlier run was killed and left ${event.names.join(", ")} running: ending them first.`;
    case "slow":
      return `${event.name} did not stop in time and was killed.`;
    case "died": {
      const how = event.signal
        ? `was ended by ${event.signal}`
        : event.pid
          ? `ended with code ${event.code}`
          : "can't start";
      const seconds = (event.restartInMs / 1000).toFixed(1);
      return `${event.name} (pid ${event.pid || "-"}) ${how}; starts again in ${seconds} s (restart ${event.deaths}).`;
    }
  }
};

/** The table of what runs where, and below it where to go from here. */
export const startedInWords = (system: System, leader: Pick<Part, "name"> | undefined, adminKey?: string): string => {
  const { layout } = system;
  const ownRedis = layout.redisPort !== undefined;
  const rows = system.processes.map(({ role, name, pid, port }): Row => {
    const row = { role, name, pid, address: `127.0.0.1:${port}`, note: "" };
    if (role === "nginx") return { ...row, address: `${layout.host}:${port}`, note: system.url };
    if (role === "redis" && !ownRedis) return { ...row, address: hostsOf(system.redisUrl), note: "runs elsewhere" };
    if (role === "mover") return { ...row, note: name === leader?.name ? "leads" : "stands by" };
    return row;
  });
  return [
    systemTable(rows),
    `Open     ${system.url}${adminKey === undefined ? "" : `/#key=${adminKey}`}  (API: ${system.url}/docs)`,
    `Logs     ${shown(logsDir(system.dataDir))}/<name>.log`,
    ...(ownRedis ? [`Data     ${shown(redisDir(system.dataDir))}, kept for the next start`] : []),
    "Stop     Ctrl-C",
  ].join("\n");
};

/** The same for programs. */
export const startedInFacts = (system: System, leader: Pick<Part, "name"> | undefined, adminKey?: string) => ({
  kind: "started",
  url: system.url,
  redisUrl: withoutLogin(system.redisUrl),
  dataDir: system.dataDir,
  ...(adminKey !== undefined && { adminKey }),
  ...(leader && { leader: leader.name }),
  processes: system.processes.map(({ role, name, pid, port }) => ({ role, name, pid, port })),
});

const shown = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
};

const hostsOf = (redisUrl: string): string =>
  (parseRedisUrl(redisUrl)?.hosts ?? []).map(({ host, port }) => `${host}:${port}`).join(", ");
