/** How much counts have grown within a time. Each may begin anew at 0, as when its process does. */
export class Growth {
  readonly #withinMs: number;
  readonly #last = new Map<string, number>();
  #steps: { at: number; more: number }[] = [];

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /**
   * @param totals by name of who counts; of one that is new only what comes from now on
   * @returns how much they have grown in all
   */
  see(totals: ReadonlyMap<string, number>, now: number): number {
    for (const [name, total] of totals) {
      const before = this.#last.get(name) ?? total;
      const more = total >= before ? total - before : total;
      if (more > 0) this.#steps.push({ at: now, more });
      this.#last.set(name, total);
    }
    this.#steps = this.#steps.filter(({ at }) => at > now - this.#withinMs);
    return this.#steps.reduce((sum, { more }) => sum + more, 0);
  }
}
