import { MusterApiError, RealmClient } from "@muster/client";
import { type Clock, type Ids, MusterError, type Random, type ServiceBeat } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

// What the page may ask for with the admin key: only for trying things out.
const Spawn = Type.Object(
  {
    action: Type.Literal("spawn"),
    queue: Type.String({ minLength: 1, maxLength: 64 }),
    count: Type.Integer({ minimum: 1, maximum: 5_000 }),
    perSecond: Type.Number({ minimum: 1, maximum: 500 }),
    partySize: Type.Integer({ minimum: 1, maximum: 10 }),
    pingMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })),
    region: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    name: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
);
const ACTS = ["cancel", "disconnect", "reconnect", "accept", "decline", "join", "leave", "end"] as const;
const Act = Type.Object(
  { action: Type.Enum([...ACTS]), player: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);
const Kill = Type.Object(
  { action: Type.Literal("kill"), service: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);
type Spawn = Static<typeof Spawn>;

const spawnRequest = Compile(Spawn);
const actRequest = Compile(Act);
const killRequest = Compile(Kill);
const TICK_MS = 100;
/** Runs of spawning under way at once. */
const MAX_RUNS = 5;
const CALL_LIMIT_MS = 5_000;
const MEAN_PING_MS = 60;
/** What another region costs, in the mean. */
const FARTHER_MS = 90;

export interface TesterDeps {
  apiUrl: string;
  apiKey?: string | undefined;
  elos: readonly number[];
  random: Random;
  ids: Pick<Ids, "token">;
  clock: Clock;
  host: string;
  /** Regions that a queue places matches in. */
  regionsOf(queue: string): readonly string[];
  services(): readonly (ServiceBeat & { dead: boolean })[];
  kill(pid: number): void;
  log: Logger;
}

export interface Tester {
  /** @returns what was done, in words. @throws MusterError that says what is wrong with the request */
  run(body: unknown): Promise<string>;
  close(): void;
}

/** Spawns clients, does what players do, and kills services to see them come back. */
export const createTester = (deps: TesterDeps): Tester => {
  const realm = new RealmClient({ url: deps.apiUrl, apiKey: deps.apiKey, timeoutMs: CALL_LIMIT_MS });
  const runs = new Set<NodeJS.Timeout>();

  const spawn = ({ queue, count, perSecond, partySize, pingMs, region, name = "tester" }: Spawn) => {
    const regions = deps.regionsOf(queue);
    if (region !== undefined && !regions.includes(region)) {
      const which = regions.length > 0 ? `: ${regions.join(", ")}` : ": it places matches in none";
      throw new MusterError("INVALID", `${queue} has no region "${region}".`, {
        faults: [{ field: "region", message: `is none of the queue's regions${which}` }],
      });
    }
    if (runs.size >= MAX_RUNS)
      throw new MusterError("OVERLOADED", `${MAX_RUNS} runs are under way: wait for one.`, { retryAfterS: 5 });
    const run = deps.ids.token().slice(0, 5);
    let sent = 0;
    let due = 0;
    const end = () => {
      clearInterval(timer);
      runs.delete(timer);
    };
    const timer = setInterval(() => {
      due = Math.min(count, due + (perSecond * TICK_MS) / 1_000);
      const tickets = [];
      while (sent < Math.floor(due)) {
        const elo = deps.elos[Math.floor(deps.random.next() * deps.elos.length)] ?? 1_000;
        const players = Array.from({ length: partySize }, (_, place) => ({
          id: partySize === 1 ? `${name}-${run}-${sent}` : `${name}-${run}-${sent}-${place}`,
          elo: elo + place,
          ...pingsOf({ regions, region, meanMs: pingMs ?? MEAN_PING_MS, random: deps.random }),
        }));
        tickets.push({ players });
        sent += 1;
      }
      if (tickets.length > 0) {
        realm.enqueueBatch(queue, tickets).catch((error) => {
          deps.log.warn({ err: error }, "the tester could not put players into a queue");
          end();
        });
      }
      if (sent >= count) end();
    }, TICK_MS);
    runs.add(timer);
    const from = region === undefined ? "" : `, near ${region}`;
    return `${count} tickets of ${partySize} into ${queue}, ${perSecond} a second${from}`;
  };

  const act = async (action: (typeof ACTS)[number], player: string): Promise<string> => {
    const { ticket, match } = await realm.getPlayer(player);
    const inMatch = (): string => {
      if (match) return match;
      throw new MusterError("WRONG_STATE", `${player} is in no match.`);
    };
    if (action === "cancel") {
      if (!ticket) throw new MusterError("WRONG_STATE", `${player} is in no ticket.`);
      return (await realm.cancelTicket(ticket)).outcome;
    }
    if (action === "disconnect" || action === "reconnect") {
      const path = `${deps.apiUrl}/v1/players/${encodeURIComponent(player)}/${action}`;
      const { ok } = await fetch(path, {
        method: "POST",
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
        ...(deps.apiKey !== undefined && { headers: { authorization: `Bearer ${deps.apiKey}` } }),
      });
      if (!ok) throw new MusterError("WRONG_STATE", `${player} could not be marked so.`);
      return `${action}ed`;
    }
    if (action === "end") return (await realm.endMatch(inMatch())).state;
    const calls = {
      accept: () => realm.acceptMatch(inMatch(), player),
      decline: () => realm.declineMatch(inMatch(), player),
      join: () => realm.joinMatch(inMatch(), player),
      leave: () => realm.leaveMatch(inMatch(), player),
    };
    const { state } = await calls[action]();
    return `its match is ${state}`;
  };

  const kill = (name: string): string => {
    const service = deps.services().find((each) => each.name === name && !each.dead);
    if (!service)
      throw new MusterError("INVALID", `No service "${name}" runs.`, {
        faults: [{ field: "service", message: "names none that runs" }],
      });
    if (service.host !== deps.host)
      throw new MusterError(
        "WRONG_STATE",
        `${name} runs on ${service.host}: only services of this machine can be killed here.`,
      );
    if (
      deps.services().filter(({ pid, host, dead }) => pid === service.pid && host === service.host && !dead).length > 1
    ) {
      throw new MusterError("WRONG_STATE", `${name} shares its process with others, which would die with it.`);
    }
    deps.kill(service.pid);
    return `killed ${name}`;
  };

  return {
    run: async (body) => {
      try {
        if (spawnRequest.Check(body)) return spawn(body);
        if (killRequest.Check(body)) return kill(body.service);
        if (actRequest.Check(body)) return await act(body.action, body.player);
        throw unknownRequest();
      } catch (error) {
        if (error instanceof MusterApiError) throw new MusterError("WRONG_STATE", error.message);
        throw error;
      }
    },
    close: () => {
      for (const timer of runs) clearInterval(timer);
    },
  };
};

/** Pings of somebody who is near one region, or anywhere: around the mean, and more to the regions that are not near. */
const pingsOf = (from: {
  regions: readonly string[];
  region: string | undefined;
  meanMs: number;
  random: Random;
}): { avgPingMs: number; latencyMs?: Record<string, number> } => {
  const { regions, meanMs, random } = from;
  const around = (ms: number) => Math.max(1, Math.round(ms * (0.5 + random.next())));
  const avgPingMs = around(meanMs);
  if (regions.length === 0) return { avgPingMs };
  const near = from.region ?? regions[Math.floor(random.next() * regions.length)];
  const latencyMs = Object.fromEntries(
    regions.map((region) => [region, region === near ? avgPingMs : avgPingMs + around(FARTHER_MS)]),
  );
  return { avgPingMs, latencyMs };
};

const unknownRequest = () =>
  new MusterError(
    "INVALID",
    `Nothing was done: action is one of spawn {queue, count up to 5000, perSecond up to 500, partySize, pingMs?, region?, name?}, kill {service}, or ${ACTS.join(", ")} {player}.`,
    { faults: [{ field: "action", message: "is none of these, or something that it needs is missing or too large" }] },
  );
