/** Calls under way at once: enough to keep Redis busy, few enough to let others in between. */
const AT_ONCE = 100;

/**
 * Runs an operation for all items, some at a time; its results in their order. When one fails the others are run all
 * the same, and then its error is thrown.
 */
export const inChunks = async <Item, Result>(
  items: readonly Item[],
  operation: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const outcomes: PromiseSettledResult<Result>[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    outcomes.push(...(await Promise.allSettled(items.slice(start, start + AT_ONCE).map(operation))));
  }
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
};
