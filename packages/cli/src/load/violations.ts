const EXAMPLES_MAX = 20;

/** What must not be: how often it was met, and the first cases in words. */
export class Violations {
  readonly examples: string[] = [];
  #duplicates = 0;
  #invalid = 0;

  get duplicates(): number {
    return this.#duplicates;
  }

  get invalid(): number {
    return this.#invalid;
  }

  duplicate(what: string): void {
    this.#duplicates += 1;
    this.example(`duplicate: ${what}`);
  }

  wrong(what: string): void {
    this.#invalid += 1;
    this.example(`invalid: ${what}`);
  }

  example(text: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(text);
  }
}
