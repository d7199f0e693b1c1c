import type { ErrorCode, InstantRequestName, Random } from "@muster/core";
import { backOffMs } from "./back-off.ts";

export interface InstantAsked {
  readonly event: InstantRequestName;
  readonly data: object;
}

export interface InstantRepeatOptions {
  random: Random;
  /** Only called while a connection is open. */
  send: (request: InstantAsked) => void;
}

/** Refusals that may soon be none. */
const SOON: ReadonlySet<string> = new Set<ErrorCode>(["TOO_MANY_REQUESTS", "OVERLOADED", "STORE_UNAVAILABLE"]);
const BACK_OFF = { firstMs: 1_000, mostMs: 15_000 };

/**
 * The request by which a user waits, made once more on each new connection: the server forgot it with the one before.
 * `none` → `waiting` (it was answered) → `repeating` (made once more, not answered) → `waiting`, or `none` when it is over
 * or refused. One that is refused for now is made again, later each time, and nobody has to hear of it.
 */
export class InstantRepeat {
  readonly #options: InstantRepeatOptions;
  #request: InstantAsked | undefined;
  #isRepeating = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: InstantRepeatOptions) {
    this.#options = options;
  }

  /** The user waits; by this request, or the one that was made once more. */
  waits(request: InstantAsked | undefined): void {
    this.#halt();
    this.#failures = 0;
    this.#request = request ?? this.#request;
  }

  /** The connection is gone. */
  lost(): void {
    this.#halt();
  }

  /** The user waits no more. */
  end(): void {
    this.#halt();
    this.#request = undefined;
  }

  /** On a new connection. @returns false when the user doesn't wait */
  begin(): boolean {
    if (!this.#request) return false;
    this.#isRepeating = true;
    this.#options.send(this.#request);
    return true;
  }

  /** @returns whether that was taken care of, and nobody has to be told */
  refused(event: string | undefined, code: string): boolean {
    if (!this.#isRepeating || this.#request?.event !== event) return false;
    if (!SOON.has(code)) {
      this.end();
      return false;
    }
    this.#isRepeating = false;
    this.#failures += 1;
    this.#timer = setTimeout(() => this.begin(), backOffMs(this.#failures, BACK_OFF, this.#options.random));
    return true;
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#isRepeating = false;
  }
}
