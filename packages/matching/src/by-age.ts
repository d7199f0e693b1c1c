/** Oldest first. The id makes the order total, so that equal input gives equal matches. */
export const byAge = (a: Aged, b: Aged): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

interface Aged {
  readonly id: string;
  readonly createdAt: number;
}
