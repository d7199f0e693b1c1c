/** One thing wrong with what an operator wrote: where, and why. */
export class ConfigFault {
  readonly source: string;
  readonly path: string;
  readonly reason: string;

  constructor(source: string, path: string, reason: string) {
    this.source = source;
    this.path = path;
    this.reason = reason;
  }

  toString(): string {
    return `${this.source}: ${this.path}: ${this.reason}`;
  }
}

/** All that is wrong, at once, so that the operator mends it in one go. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(String).join("\n"));
    this.name = "ConfigError";
    this.faults = faults;
  }
}
