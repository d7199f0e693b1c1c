import { LOAD_DEFAULTS, type Person, readPopulation, seededRandom } from "@muster/cli";

/** The players of a run, by their number: each process of a bench makes the same ones from the same seed. */
export interface Crowd {
  id(index: number): string;
  /** The number of a player, from its id. */
  indexOf(id: string): number;
  person(index: number): Pick<Person, "elo" | "avgPingMs">;
}

/** Elo is drawn from real players with repetition, and moved by up to so much, as in the bench `matching`. */
const JITTER = 10;

let people: readonly Person[] | undefined;

/** As many players as the batch endpoint is asked with in the bench over HTTP. */
export const PER_CALL = 50;

/** The place, among so many queues, of the one to which a player of a flood comes. */
export const placeOf = (player: number, queues: number): number => Math.floor(player / PER_CALL) % queues;

/** @param name of the run: players of different runs differ */
export const readCrowd = async (name: string, seed: number): Promise<Crowd> => {
  people ??= await readPopulation(LOAD_DEFAULTS.population);
  const all = people;
  const prefix = `${name}-`;
  return {
    id: (index) => prefix + index,
    indexOf: (id) => Number(id.slice(prefix.length)),
    person: (index) => {
      const random = seededRandom(seed + index);
      const { elo, avgPingMs } = all[Math.floor(random.next() * all.length)] ?? { elo: 0, avgPingMs: 0 };
      return { elo: elo + Math.round((random.next() * 2 - 1) * JITTER), avgPingMs };
    },
  };
};
