import { LOAD_DEFAULTS, readPopulation, shuffled } from "@muster/cli";
import type { Player, Random } from "@muster/core";

/** A player alone, or a party that queues together. */
export interface Unit {
  readonly players: readonly Player[];
  /** Where it goes: each queue with how often, out of all of them together. */
  readonly queues: Readonly<Record<string, number>>;
}

/** By the number of players of a unit: how many such units of all, and where those go. */
const SIZES: readonly { share: number; queues: Unit["queues"] }[] = [
  {
    share: 0.7,
    queues: { duel: 0.35, asked: 0.15, room: 0.1, squads: 0.1, "eu-duel": 0.25, "eu-pairs": 0.05 },
  },
  { share: 0.2, queues: { squads: 0.3, room: 0.3, "eu-pairs": 0.4 } },
  { share: 0.1, queues: { squads: 1 } },
];

/** So many players of the real population, some of them in parties. */
export const drawCrowd = async (count: number, random: Random): Promise<Unit[]> => {
  const people = shuffled(await readPopulation(LOAD_DEFAULTS.population), random).slice(0, count);
  const players = people.map((person) => ({ ...person, id: `player-${person.id}` }));
  const units: Unit[] = [];
  while (players.length > 0) {
    const size = drawIndex(
      SIZES.map(({ share }) => share),
      random,
    );
    const party = players.splice(0, size + 1);
    units.push({ players: party, queues: SIZES[party.length - 1]?.queues ?? {} });
  }
  return units;
};

export const drawQueue = ({ queues }: Unit, random: Random): string =>
  Object.keys(queues)[drawIndex(Object.values(queues), random)] ?? "duel";

const drawIndex = (shares: readonly number[], random: Random): number => {
  let rest = random.next() * shares.reduce((sum, share) => sum + share, 0);
  const index = shares.findIndex((share) => {
    rest -= share;
    return rest < 0;
  });
  return Math.max(0, index);
};
