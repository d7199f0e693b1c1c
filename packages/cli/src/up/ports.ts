import { createServer } from "node:net";
import type { Random } from "@muster/core";
import { SystemError } from "./system-error.ts";

/** A port that is needed: for whom, and what changes it. */
export interface PortNeed {
  port: number;
  host: string;
  holder: string;
  /** As in `--port (MUSTER_PORT)`. */
  setting: string;
}

/** @throws SystemError that names every port that can't be had, not only the first */
export const checkPorts = async (needs: readonly PortNeed[]): Promise<void> => {
  const obstacles = await Promise.all(needs.map(({ port, host }) => obstacleTo(port, host)));
  const faults = new Map<string, PortNeed[]>();
  needs.forEach((need, index) => {
    const obstacle = obstacles[index];
    if (obstacle === undefined) return;
    const fault = `${obstacle}; choose another with ${need.setting}`;
    faults.set(fault, [...(faults.get(fault) ?? []), need]);
  });
  if (faults.size === 0) return;
  const lines = [...faults].map(([fault, those]) => {
    const ports = those.map(({ host, port, holder }) => `${host}:${port} for ${holder}`);
    return `  ${ports.join(", ")}: ${fault}`;
  });
  throw new SystemError(`these ports can't be had:\n${lines.join("\n")}`);
};

const REASONS: Record<string, string> = {
  EADDRINUSE: "another program uses it",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** Undefined when a server can listen there. */
const obstacleTo = (port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(REASONS[error.code ?? ""] ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

// Below the range from which systems take the ports of outgoing connections (32768 on Linux).
const LOWEST = 10_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;

/**
 * Finds `count` free ports in a row on 127.0.0.1. They are not held: a row by chance makes it unlikely that two systems
 * that start at the same time choose the same.
 */
export const findPorts = async (count: number, random: Random): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = LOWEST + Math.floor(random.next() * (HIGHEST - LOWEST - count));
    const row = Array.from({ length: count }, (_, index) => first + index);
    const obstacles = await Promise.all(row.map((port) => obstacleTo(port, "127.0.0.1")));
    if (obstacles.every((obstacle) => obstacle === undefined)) return first;
  }
  throw new SystemError(`found no ${count} free ports in a row between ${LOWEST} and ${HIGHEST}`);
};
