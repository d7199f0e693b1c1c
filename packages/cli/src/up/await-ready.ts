import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@muster/core";
import type { Part } from "./part.ts";
import type { Probe } from "./probe.ts";
import { SystemError } from "./system-error.ts";

const ASK_EVERY_MS = 50;

/**
 * Resolves when each part has once said that it is ready.
 *
 * @throws SystemError at the limit, naming who isn't ready, what it says and what it logged last
 * @throws the signal's reason when that is aborted
 */
export const awaitReady = async (
  parts: readonly Part[],
  options: { withinMs: number; clock: Clock; signal: AbortSignal },
): Promise<void> => {
  const { withinMs, clock, signal } = options;
  const until = clock.now() + withinMs;
  let waiting: readonly Part[] = parts;
  for (;;) {
    signal.throwIfAborted();
    const probes = await Promise.all(waiting.map(async (part) => ({ part, probe: await part.probe() })));
    const unready = probes.filter(({ probe }) => !probe.ready);
    if (unready.length === 0) return;
    if (clock.now() >= until) throw new SystemError(describe(unready, withinMs));
    waiting = unready.map(({ part }) => part);
    // An abort shows at the top of the loop, with its own reason.
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
};

const describe = (unready: readonly { part: Part; probe: Probe }[], withinMs: number): string => {
  const each = unready.map(({ part, probe }) => `${part.name} says: ${probe.said}\n${indent(part.lastLog())}`);
  return `not ready after ${withinMs / 1000} s:\n${each.join("\n")}`;
};

export const indent = (text: string): string => (text === "" ? "  (it logged nothing)" : text.replaceAll(/^/gm, "  "));
