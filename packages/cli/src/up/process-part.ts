import { fileURLToPath } from "node:url";
import type { Env } from "@muster/core/service";
import { Child, type ChildOwner, type ChildSpec } from "./child.ts";
import type { Part } from "./part.ts";
import type { PlannedService } from "./plan.ts";
import { type Probe, probeHttp } from "./probe.ts";
import { entryOf, nodeFlagsOf, type Role } from "./roles.ts";

/** A part that is a process of its own, and is kept running. */
export const processPart = (
  about: { role: Role; name: string; port: number; probe: () => Promise<Probe> },
  spec: Omit<ChildSpec, "name">,
  owner: ChildOwner,
): Part => {
  const child = new Child({ ...spec, name: about.name }, owner);
  return {
    ...about,
    get pid() {
      return child.pid;
    },
    start: async () => child.start(),
    stop: (limitMs) => child.stop(limitMs),
    kill: (signal) => child.kill(signal),
    killNow: () => child.killNow(),
    lastLog: () => child.lastLog(),
  };
};

/** A service as a process: Node runs its entry. */
export const servicePart = (service: PlannedService, env: Env, logFile: string, owner: ChildOwner): Part =>
  processPart(
    { ...service, probe: () => probeHttp(`http://127.0.0.1:${service.port}/readyz`) },
    {
      ...{ command: process.execPath, env, logFile, stopSignal: "SIGTERM" },
      args: [...nodeFlagsOf(service.role), fileURLToPath(entryOf(service.role))],
    },
    owner,
  );
