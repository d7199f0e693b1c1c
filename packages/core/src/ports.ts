/** Time, chance and ids come in through these, so that every rule about waiting can be tested without waiting. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export interface Ids {
  ticket(): string;
  match(): string;
  /** An unguessable token, as for leases and fences. */
  token(): string;
}
