import type { StreamEvent } from "@muster/core";
import { openEventLog, STREAM_START } from "@muster/store";

/** All events that a partition's stream still has. */
export const readStream = async (url: string, partition = "main"): Promise<StreamEvent[]> => {
  const log = await openEventLog({ url, partition, name: "test-stream" });
  try {
    const events: StreamEvent[] = [];
    for (let cursor = STREAM_START; ; ) {
      const page = await log.read(cursor, 1_000);
      if (page.events.length === 0) return events;
      events.push(...page.events);
      cursor = page.next;
    }
  } finally {
    await log.close();
  }
};

/** Read at once: more would wait for longer than a command may take. */
const READ_AT_ONCE = 500;

/** What is there of these, by id. */
export const readAll = async <Item>(
  ids: readonly string[],
  read: (id: string) => Promise<Item | null>,
): Promise<Map<string, Item>> => {
  const unique = [...new Set(ids)];
  const items = new Map<string, Item>();
  for (let start = 0; start < unique.length; start += READ_AT_ONCE) {
    const some = unique.slice(start, start + READ_AT_ONCE);
    const found = await Promise.all(some.map(read));
    for (const [index, id] of some.entries()) if (found[index]) items.set(id, found[index]);
  }
  return items;
};
