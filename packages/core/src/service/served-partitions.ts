import { ConfigError, ConfigFault } from "../config-error.ts";
import { partitionsOf } from "../partitions.ts";
import type { Queues } from "../queue-definition.ts";

/**
 * The partitions that a service works for, with the queues of each.
 *
 * @throws ConfigError when it is to work for one that the queues file doesn't name
 */
export const servedPartitions = (
  queues: Queues,
  { MUSTER_PARTITION, MUSTER_PARTITIONS }: { MUSTER_PARTITION: string; MUSTER_PARTITIONS?: string | undefined },
): Map<string, Queues> => {
  const all = partitionsOf(queues, MUSTER_PARTITION);
  if (MUSTER_PARTITIONS === undefined) return all;
  const wanted = new Set(MUSTER_PARTITIONS.split(","));
  const unknown = [...wanted].filter((name) => !all.has(name));
  if (unknown.length > 0) {
    const reason = `names ${unknown.join(", ")}, but the queues file has ${[...all.keys()].join(", ")}`;
    throw new ConfigError([new ConfigFault("environment", "MUSTER_PARTITIONS", reason)]);
  }
  return new Map([...all].filter(([name]) => wanted.has(name)));
};
