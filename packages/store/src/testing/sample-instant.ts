import { type InstantDefinition, type InstantEntry, type InstantQueue, toInstantQueue } from "@muster/core";
import { sampleQueue } from "./sample-tickets.ts";

/** Instant matching by language and age. */
export const sampleInstant = (changes: Partial<InstantDefinition> = {}): InstantDefinition => ({
  fields: {
    language: { type: "choice", values: ["de", "en", "fr"] },
    age: { type: "number", min: 18, max: 99 },
  },
  expireAfterMs: 60_000,
  matchLengthMs: 60_000,
  maxWaiting: 10_000,
  ...changes,
});

export const sampleInstantQueue = (changes: Partial<InstantDefinition> = {}): InstantQueue =>
  toInstantQueue(sampleInstant(changes));

/** A queues file with instant matching, as text: it needs a queue besides. */
export const instantQueuesFile = (instant: InstantDefinition): string => {
  const { name, regions: _, teamShapes: __, ...definition } = sampleQueue();
  return JSON.stringify({ queues: { [name]: definition }, instant });
};

/** An entry that fits any other. */
export const anyEntry = (alias: string, changes: Partial<InstantEntry> = {}): InstantEntry => ({
  ...{ alias, room: `room${alias}`, user_data: {}, user_preferences: {} },
  ...changes,
});
