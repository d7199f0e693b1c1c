import type { SystemProcess } from "./system.ts";

/** The mover that leads right now; undefined while none does, as in the moment after the leader died. */
export const leaderOf = async (processes: readonly SystemProcess[]): Promise<SystemProcess | undefined> => {
  const movers = processes.filter(({ role }) => role === "mover");
  const probes = await Promise.all(movers.map((mover) => mover.probe()));
  return movers.find((_, index) => leads(probes[index]?.body));
};

const leads = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "leader" in body && body.leader === true;
