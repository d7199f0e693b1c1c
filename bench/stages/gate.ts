/** Lets work through only at times. */
export interface Gate {
  /** Resolves when it is open. */
  passed(): Promise<void>;
  openWhile(work: () => Promise<unknown>): Promise<void>;
}

export const openGate = (): Gate => {
  let closed = Promise.withResolvers<void>();
  let isOpen = false;
  return {
    passed: async () => {
      while (!isOpen) await closed.promise;
    },
    async openWhile(work) {
      isOpen = true;
      closed.resolve();
      await work();
      isOpen = false;
      closed = Promise.withResolvers();
    },
  };
};
