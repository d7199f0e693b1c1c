/** Something that the user gave can't be used. `message` names the option and says what it should be. */
export class BadOptionError extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "BadOptionError";
  }
}
