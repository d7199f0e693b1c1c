import type { RunningSystem } from "@muster/cli";
import { connect, createKeys, cursorAt, disconnect, openEventLog } from "@muster/store";

/** Ids by status of a system's tickets, the ended ones too: their records are kept for an hour. */
export const ticketsByStatus = async (system: RunningSystem): Promise<Map<string, string[]>> => {
  const redis = connect(system.redisUrl, "test-records", "main");
  await redis.connect();
  try {
    const prefix = createKeys("main").ticket("");
    const found = new Map<string, string[]>();
    for await (const names of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      for (const name of names) {
        const status = ((await redis.hget(name, "status")) ?? "gone").split(" ", 1)[0] ?? "";
        found.set(status, [...new Set([...(found.get(status) ?? []), name.slice(prefix.length)])]);
      }
    }
    return found;
  } finally {
    await disconnect(redis);
  }
};

/** Every event of these types that a system's stream holds, by its id in the stream. */
export const eventsOf = async (system: RunningSystem, types: readonly string[]) => {
  const log = await openEventLog({ url: system.redisUrl, partition: "main", name: "test-events" });
  try {
    const { events } = await log.read(cursorAt(0), 100_000);
    return events.filter(({ event }) => types.includes(event.type));
  } finally {
    await log.close();
  }
};
