import { type Static, Type } from "typebox";

/** What a process of Muster says of itself every second, for who watches the whole. */
export const ServiceBeat = Type.Object({
  name: Type.String({ description: "Of this instance: matchmaker-1." }),
  role: Type.String(),
  version: Type.String({ description: "Of Muster." }),
  host: Type.String(),
  pid: Type.Integer(),
  startedAt: Type.Integer({ description: "ms since the epoch." }),
  at: Type.Integer({ description: "When it said this, ms since the epoch." }),
  load: Type.Object({
    cpuShare: Type.Number({ description: "Of one core, since the beat before." }),
    rssMiB: Type.Number(),
    loopShare: Type.Number({ description: "How much of the time its event loop was busy, 0 to 1." }),
  }),
  holds: Type.Object(
    {
      count: Type.Integer({ description: "How many it held or handled since the beat before." }),
      ids: Type.Array(Type.String(), { description: "The last of them, a few." }),
    },
    { description: "Tickets, matches or players: what its role works on." },
  ),
  figures: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()]), {
    description: "What else there is to say of its role: counts since its start, whether it leads.",
  }),
});
export type ServiceBeat = Static<typeof ServiceBeat>;

/** A service that has said nothing for so long is dead, or has lost its way to Redis. */
export const SERVICE_DEAD_AFTER_MS = 4_000;
