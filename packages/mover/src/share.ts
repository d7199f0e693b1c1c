import type { ServiceBeat } from "@muster/core";
import type { Store } from "@muster/store";
import type { Leadership } from "./leadership.ts";

/** How often a mover looks what the others lead: as often as they tell. */
const LOOK_EVERY_MS = 1_000;
/** So long after handing something over it is known who has it, and whether there is more to hand over. */
const SETTLED_AFTER_MS = 2_000;
/**
 * A mover that has said nothing for so long, two beats and a half, is not counted: what is handed over to one that died is
 * led by nobody meanwhile.
 */
const SILENT_AFTER_MS = 2_500;

/** How many of the partitions a mover leads, and should. */
export interface Share {
  /** Whether another mover of a partition leads fewer partitions, and so should have it first. */
  isLarger(partition: string): boolean;
  close(): Promise<void>;
}

export interface ShareOptions {
  store: Pick<Store, "readServices" | "clock">;
  /** This mover's name. */
  name: string;
  /** Of every partition that it may lead; the same later on. */
  leaderships: ReadonlyMap<string, Pick<Leadership, "isLeader" | "handOver">>;
}

/** What a mover tells with its beats, for others to go by: names of partitions with blanks between. */
export const shareFigures = (serves: Iterable<string>, leads: Iterable<string>) => ({
  serves: [...serves].join(" "),
  leadsOf: [...leads].join(" "),
});

/**
 * Spreads partitions over the movers: one that leads two more than another mover of the same partition hands that over, one
 * at a time. So a mover that is new, or restarted, gets its share. Where there is one partition, nothing is ever handed over.
 */
export const startShare = ({ store, name, leaderships }: ShareOptions): Share => {
  let others: readonly ServiceBeat[] = [];
  let settledAt = 0;
  const led = () => [...leaderships].filter(([, leadership]) => leadership.isLeader());

  /** The fewest partitions that another mover of this one leads; Infinity when there is none. */
  const fewest = (partition: string): number =>
    Math.min(
      ...others.map(({ figures: { serves, leadsOf } }) =>
        namesIn(serves).includes(partition) ? namesIn(leadsOf).length : Infinity,
      ),
    );

  const look = async () => {
    const services = await store.readServices().catch(() => undefined);
    const now = store.clock.now();
    const since = now - SILENT_AFTER_MS;
    // While Redis can't be read, what was seen last must do.
    others = services?.filter((beat) => beat.role === "mover" && beat.name !== name && beat.at > since) ?? others;
    if (now < settledAt) return;
    const mine = led();
    const spare = mine.findLast(([partition]) => mine.length - fewest(partition) >= 2);
    if (!spare) return;
    await spare[1].handOver();
    settledAt = now + SETTLED_AFTER_MS;
  };
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS).unref();

  return {
    isLarger: (partition) => led().length > fewest(partition),
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
};

/** Of another version, or a service that tells no such thing: none. */
const namesIn = (told: ServiceBeat["figures"][string] | undefined): string[] =>
  typeof told === "string" && told !== "" ? told.split(" ") : [];
