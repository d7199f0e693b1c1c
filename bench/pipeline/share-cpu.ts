import { setPriority } from "node:os";
import { askRedis, type TestCluster } from "@muster/store/testing";

/** CPU of a process over that of one that is a step nicer, where both want all of it (Linux, sched(7)). */
const PER_STEP = 1.25;

/**
 * Gives each Redis of a cluster CPU by the partitions that it carries, as docs/redis.md advises where several share
 * cores: by itself the kernel gives each process as much, and so two partitions on one master half as much each.
 */
export const shareCpu = async ({ nodes, ownerOf }: TestCluster, partitions: readonly string[]): Promise<void> => {
  /** By the master's port. */
  const carried = new Map<number, number>();
  for (const partition of partitions) {
    const { port } = await ownerOf(partition);
    carried.set(port, (carried.get(port) ?? 0) + 1);
  }
  const most = Math.max(...carried.values());
  for (const { url, port, pid } of nodes) {
    const [role, , masterPort] = (await askRedis(url, (redis) => redis.call("ROLE"))) as [string, unknown, number];
    const own = carried.get(role === "slave" ? masterPort : port);
    if (own !== undefined) setPriority(pid, Math.round(Math.log(most / own) / Math.log(PER_STEP)));
  }
};
