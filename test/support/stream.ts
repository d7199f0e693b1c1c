import type { StreamEntry } from "@muster/core";
import { openEventLog, STREAM_START } from "@muster/store";

/** All entries that a partition's stream still has. */
export const readStream = async (url: string, partition = "main"): Promise<StreamEntry[]> => {
  const log = await openEventLog({ url, partition, name: "test-stream" });
  try {
    const entries: StreamEntry[] = [];
    for (let cursor = STREAM_START; ; ) {
      const page = await log.read(cursor, 1_000);
      if (page.entries.length === 0) return entries;
      entries.push(...page.entries);
      cursor = page.next;
    }
  } finally {
    await log.close();
  }
};

/** What is there of these, by id. */
export const readAll = async <Item>(
  ids: readonly string[],
  read: (id: string) => Promise<Item | null>,
): Promise<Map<string, Item>> => {
  const unique = [...new Set(ids)];
  const items = await Promise.all(unique.map(read));
  return new Map(unique.flatMap((id, index): [string, Item][] => (items[index] ? [[id, items[index]]] : [])));
};
