import type { Probe } from "./probe.ts";
import type { Role } from "./roles.ts";

/** One of those that make up a running system, be it a process or a service inside ours. */
export interface Part {
  readonly role: Role;
  readonly name: string;
  readonly port: number;
  /** Undefined while it doesn't run. */
  readonly pid: number | undefined;
  /** Resolves when it is under way, ready or not. @throws ConfigError when it refuses its configuration */
  start(): Promise<void>;
  probe(): Promise<Probe>;
  /** Resolves when it is gone. @returns false when it did not end by itself within the limit */
  stop(limitMs: number): Promise<boolean>;
  /** Sends a signal to its process. False when it has none of its own, or none that runs. */
  kill(signal: NodeJS.Signals): boolean;
  /** Ends its process and all that it started, without waiting. */
  killNow(): void;
  /** The last lines that it logged. */
  lastLog(): string;
}
