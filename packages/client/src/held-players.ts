import type { PlayerStateName, StateFrame } from "@muster/core";

interface Held {
  /** Version of the newest frame delivered; -1 when there was none yet. */
  version: number;
  state?: PlayerStateName;
  /** No frame of the player came on this connection yet: the next one is the server's snapshot. */
  snapshotDue: boolean;
}

/**
 * The players that a realm holds, and which of their frames to deliver.
 *
 * A frame is delivered when it is newer than the last one. The one exception is version 0: Muster forgets players that
 * were idle for long, and then answers a watch with version 0 ("never seen"). When that is the snapshot of a new
 * connection and the player was last delivered as anything but idle, its way back to idle happened while the
 * connection was away, and must be told.
 */
export class HeldPlayers {
  readonly #held = new Map<string, Held>();

  /** @returns those that were not held before */
  add(players: Iterable<string>): string[] {
    const added: string[] = [];
    for (const player of players) {
      if (this.#held.has(player)) continue;
      this.#held.set(player, { version: -1, snapshotDue: true });
      added.push(player);
    }
    return added;
  }

  /** @returns those that were held until now */
  remove(players: Iterable<string>): string[] {
    return [...players].filter((player) => this.#held.delete(player));
  }

  all(): string[] {
    return [...this.#held.keys()];
  }

  /** The newest version that was delivered of each; 0 for none. Undefined where there was none of any. */
  versionsOf(players: readonly string[]): number[] | undefined {
    const versions = players.map((player) => Math.max(0, this.#held.get(player)?.version ?? 0));
    return versions.some((version) => version > 0) ? versions : undefined;
  }

  newConnection(): void {
    for (const held of this.#held.values()) held.snapshotDue = true;
  }

  /** `stale`: older than what was delivered, which a correct server never sends. `ignore`: known, or not held. */
  judge(frame: StateFrame): "deliver" | "ignore" | "stale" {
    const held = this.#held.get(frame.player);
    if (!held) return "ignore";
    const forgotten = frame.version === 0 && held.snapshotDue;
    held.snapshotDue = false;
    if (frame.version > held.version || (forgotten && held.state !== "idle")) {
      // A forgotten player's next version is still larger than all before, so the old one stays the measure.
      held.version = Math.max(held.version, frame.version);
      held.state = frame.state;
      return "deliver";
    }
    return frame.version === held.version || forgotten ? "ignore" : "stale";
  }
}
