import { MusterApiError, RealmClient } from "@muster/client";
import { type Clock, type Ids, MusterError, type PlayerAnswer, type Random, type ServiceBeat } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { QueueView, RunView } from "../view/frames.ts";
import { type ActName, type Each, type EachName, parseTesterRequest, type Spawn } from "./requests.ts";
import { Run } from "./run.ts";

/** Runs of spawning under way at once, and those that are still told of. */
const MAX_RUNS = 5;
const RUNS_KEPT = 8;
const CALL_LIMIT_MS = 5_000;
/** Players for whom something is done at the same time, of many. */
const AT_ONCE = 8;
/** Where a player must be for what is done for many; others are passed over. */
const STATES: Readonly<Record<EachName, readonly PlayerAnswer["state"][]>> = {
  cancel: ["inqueue"],
  disconnect: ["inqueue", "pending", "inmatch"],
  reconnect: ["inqueue", "pending", "inmatch"],
  accept: ["pending"],
  decline: ["pending"],
};

export interface TesterDeps {
  apiUrl: string;
  apiKey?: string | undefined;
  elos: readonly number[];
  random: Random;
  ids: Pick<Ids, "token">;
  clock: Clock;
  host: string;
  queues(): readonly Pick<QueueView, "name" | "regions" | "hasElo" | "maxPartySize">[];
  services(): readonly (ServiceBeat & { dead: boolean })[];
  signal(pid: number, signal: "SIGKILL" | "SIGTERM"): void;
  /** A service was killed, and will say no more. */
  onKilled(service: string): void;
  log: Logger;
}

export interface Tester {
  /** @returns what was done, in words. @throws MusterError that says what is wrong with the request */
  run(body: unknown): Promise<string>;
  /** The last runs, the newest first. */
  runs(): RunView[];
  close(): void;
}

/** Spawns clients, does what players do, and kills services to see them come back. */
export const createTester = (deps: TesterDeps): Tester => {
  const realm = new RealmClient({ url: deps.apiUrl, apiKey: deps.apiKey, timeoutMs: CALL_LIMIT_MS });
  let runs: Run[] = [];
  let closed = false;

  const spawn = (request: Spawn): string => {
    const { queue: name, count, perSecond, partySize, region } = request;
    const queue = deps.queues().find((each) => each.name === name);
    if (!queue) throw invalid("queue", `There is no queue "${name}".`);
    if (!queue.hasElo) throw invalid("queue", `${name} takes no tickets: its users connect to WS /v1/instant.`);
    if (partySize > queue.maxPartySize) {
      throw invalid("partySize", `${name} takes parties of up to ${queue.maxPartySize}, not ${partySize}.`);
    }
    const { regions } = queue;
    if (region !== undefined && !regions.includes(region)) {
      const which = regions.length > 0 ? `: ${regions.join(", ")}` : ": it places matches in none";
      throw invalid("region", `${name} has no region "${region}".`, `is none of the queue's regions${which}`);
    }
    if (runs.filter(({ isGoing }) => isGoing).length >= MAX_RUNS)
      throw new MusterError("OVERLOADED", `${MAX_RUNS} runs are under way: wait for one.`, { retryAfterS: 5 });
    const onFailed = (error: unknown) => deps.log.warn({ err: error }, "the tester could not put players into a queue");
    const { elos, random } = deps;
    const run = new Run(deps.ids.token().slice(0, 5), request, { realm, elos, random, regions, onFailed });
    // Those that are under way stay: more than are kept can't be.
    runs = [run, ...runs].filter((each, index) => each.isGoing || index < RUNS_KEPT);
    const from = region === undefined ? "" : `, near ${region}`;
    return `${count} tickets of ${partySize} into ${name}, ${perSecond} a second${from}`;
  };

  const act = async (action: ActName, player: string): Promise<string> => {
    const found = await realm.getPlayer(player);
    return carryOut(action, found);
  };

  const carryOut = async (action: ActName, { id: player, ticket, match }: PlayerAnswer): Promise<string> => {
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

  const runNamed = (id: string): Run => {
    const run = runs.find(({ view }) => view.id === id);
    if (!run) throw invalid("run", `There is no run "${id}" any more.`);
    return run;
  };

  const stop = (id: string): string => {
    const run = runNamed(id);
    run.stop();
    return `stopped ${id} after ${run.view.sent} of ${run.view.wanted}`;
  };

  /** Ends when enough were in a state for it, or all were asked. The page hears of it with the runs. */
  const each = async (run: Run, name: EachName, count: number): Promise<void> => {
    const ids = [...run.players].values();
    let [done, begun] = [0, 0];
    const work = async () => {
      for (const id of ids) {
        if (closed || begun >= count) return;
        begun += 1;
        try {
          const player = await realm.getPlayer(id);
          if (!STATES[name].includes(player.state)) throw new MusterError("WRONG_STATE", `${id} is ${player.state}`);
          await carryOut(name, player);
          done += 1;
          run.say(`${name}: ${done} so far`);
        } catch {
          // It was not in a state for it, or not any more.
          begun -= 1;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    run.say(`${name}: ${done} of ${run.players.length}${done < count ? "; the others are in no state for it" : ""}`);
  };

  const beginEach = ({ run: id, act: name, count }: Each): string => {
    const run = runNamed(id);
    void each(run, name, count);
    return `${name}: up to ${count} of ${id}`;
  };

  const end = (action: "kill" | "restart", name: string): string => {
    const service = deps.services().find((each) => each.name === name && !each.dead);
    if (!service) throw invalid("service", `No service "${name}" runs.`, "names none that runs");
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
    deps.signal(service.pid, action === "kill" ? "SIGKILL" : "SIGTERM");
    // Who is asked to stop says goodbye by itself.
    if (action === "kill") deps.onKilled(name);
    return action === "kill" ? `killed ${name}` : `asked ${name} to stop: it starts again`;
  };

  return {
    run: async (body) => {
      const request = parseTesterRequest(body);
      try {
        switch (request.action) {
          case "spawn":
            return spawn(request);
          case "stop":
            return stop(request.run);
          case "each":
            return beginEach(request);
          case "kill":
          case "restart":
            return end(request.action, request.service);
          default:
            return await act(request.action, request.player);
        }
      } catch (error) {
        if (error instanceof MusterApiError) throw new MusterError("WRONG_STATE", error.message);
        throw error;
      }
    },
    runs: () => runs.map(({ view }) => view),
    close: () => {
      closed = true;
      for (const run of runs) run.stop();
    },
  };
};

const invalid = (field: string, text: string, message = text): MusterError =>
  new MusterError("INVALID", text, { faults: [{ field, message }] });
