import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./raise-versions.lua", import.meta.url));

/** A player and the version that watchers were told. */
export interface Told {
  player: string;
  version: number;
}

/**
 * Gives players whose versions are below what watchers were told one above it, with the state as it is: so they are told of
 * it. Only a state that was lost falls back, as by a fail-over to a replica that did not have it, and a watcher takes
 * nothing that is older than what it knows.
 *
 * @returns those below who are sealed (see open-claims.ts): such a state is not where the player is, and is left as it is
 */
export const raiseVersions = async (
  { redis, keys, clock, retention }: StoreContext,
  told: readonly Told[],
): Promise<Told[]> => {
  const args = [clock.now(), retention.idleMs, ...told.map(({ version }) => version)];
  const sealed = await runScript(
    redis,
    script,
    told.map(({ player }) => keys.playerState(player)),
    args,
  );
  return (sealed as number[]).flatMap((n) => told[n - 1] ?? []);
};
