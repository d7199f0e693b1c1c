/** Lets a bounded number of calls run at a time; the others wait for their turn. */
export class Gate {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  readonly #all = new Set<Promise<unknown>>();
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the next call would run at once. */
  get isOpen(): boolean {
    return this.#running < this.#most;
  }

  run<Result>(call: () => Promise<Result>): Promise<Result> {
    const promise = this.#enter(call);
    this.#all.add(promise);
    // Whether it failed is the caller's affair; here only its end counts.
    const done = () => void this.#all.delete(promise);
    promise.then(done, done);
    return promise;
  }

  /** Resolves when no call runs or waits any more, those included that began in the meantime. */
  async idle(): Promise<void> {
    while (this.#all.size > 0) await Promise.allSettled(this.#all);
  }

  async #enter<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.isOpen) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      // The place goes to the one that waits longest; given back first, another could take it in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
