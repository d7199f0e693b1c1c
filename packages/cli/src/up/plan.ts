import type { ServiceRole } from "./roles.ts";

/** How many of each role run. The monitor is always one; absent: none. */
export interface Counts {
  orchestrators: number;
  sweepers: number;
  matchmakers: number;
  movers: number;
  playservers: number;
  webhooks?: number;
  archivers?: number;
}

/** A service that is to run. */
export interface PlannedService {
  role: ServiceRole;
  /** Unique in the system: `mover-2`. */
  name: string;
  port: number;
}

/** Which services run; each with its port from `basePort` on, in the order of the flow. */
export const planServices = (counts: Counts, basePort: number): PlannedService[] => {
  const wanted: [ServiceRole, number][] = [
    ["orchestrator", counts.orchestrators],
    ["sweeper", counts.sweepers],
    ["matchmaker", counts.matchmakers],
    ["mover", counts.movers],
    ["playserver", counts.playservers],
    ["monitor", 1],
    ["webhooks", counts.webhooks ?? 0],
    ["archiver", counts.archivers ?? 0],
  ];
  return wanted
    .flatMap(([role, count]) => Array.from({ length: count }, (_, index) => ({ role, name: `${role}-${index + 1}` })))
    .map((service, index) => ({ ...service, port: basePort + index }));
};
