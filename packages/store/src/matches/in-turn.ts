/** Runs what concerns one key one after the other, in the order of the calls; other keys don't wait. */
export type InTurn = <Result>(key: string, run: () => Promise<Result>) => Promise<Result>;

export const inTurn = (): InTurn => {
  /** The last one in the row of each key; it never rejects. */
  const last = new Map<string, Promise<void>>();
  return (key, run) => {
    const result = (last.get(key) ?? Promise.resolve()).then(run);
    const done = result.then(
      () => {},
      () => {},
    );
    last.set(key, done);
    // Whoever is still the last one leaves nothing behind.
    void done.then(() => last.get(key) === done && last.delete(key));
    return result;
  };
};
