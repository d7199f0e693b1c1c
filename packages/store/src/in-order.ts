/**
 * Asks once for each group of items, all groups at the same time.
 *
 * @param ask answers for a group's items, in their order
 * @returns the answers in the order of the items; an item that comes twice is asked for once
 */
export const inOrder = async <Item, Group, Answer>(
  items: readonly Item[],
  groupOf: (item: Item) => Group,
  ask: (group: Group, own: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> => {
  const answers = new Map<Item, Answer>();
  await Promise.all(
    [...Map.groupBy(new Set(items), groupOf)].map(async ([group, own]) => {
      const found = await ask(group, own);
      own.forEach((item, n) => {
        answers.set(item, found[n] as Answer);
      });
    }),
  );
  return items.map((item) => answers.get(item) as Answer);
};
