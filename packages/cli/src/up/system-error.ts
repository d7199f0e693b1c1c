/** Why a system can't start or go on: a message for the operator that says what to do next. */
export class SystemError extends Error {
  /** True when what is faulty is what the operator wrote: trying again won't help. */
  readonly faultyConfig: boolean;

  constructor(message: string, options: { faultyConfig?: boolean } = {}) {
    super(message);
    this.name = "SystemError";
    this.faultyConfig = options.faultyConfig ?? false;
  }
}
