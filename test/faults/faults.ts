import { PROCESS_FAULTS } from "./process-faults.ts";
import { REDIS_FAULTS } from "./redis-faults.ts";
import type { Fault } from "./scene.ts";

export const FAULTS: Readonly<Record<string, Fault>> = { ...PROCESS_FAULTS, ...REDIS_FAULTS };

/** Faults in the same order, but for each of processes one of the other kind that happens at the same time. */
export const pairUp = (names: readonly string[]): string[][] => {
  const [ofProcesses, others] = [true, false].map((is) => names.filter((name) => name in PROCESS_FAULTS === is));
  const count = Math.max(ofProcesses?.length ?? 0, others?.length ?? 0);
  return Array.from({ length: count }, (_, n) => [ofProcesses?.[n] ?? [], others?.[n] ?? []].flat());
};
