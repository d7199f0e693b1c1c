/** Calls under way at once: enough to keep Redis busy, few enough to let others in between. */
const AT_ONCE = 100;

/** Runs an operation for all items, some at a time; its results in their order. */
export const inChunks = async <Item, Result>(
  items: readonly Item[],
  operation: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(operation))));
  }
  return results;
};
