import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Match, RealmRequest, StateFrame, Ticket, TicketRequest, TicketStatus } from "@muster/core";
import { type WebSocket, WebSocketServer } from "ws";

export interface FakeOptions {
  /** Players in each of two teams. */
  teamSize?: number;
  /** Those that wait are put into matches this often. */
  matchEveryMs?: number;
  /** A ticket (counted from 1) gives up after this. */
  expireAfterMs?: (ticket: number) => number;
  /** Batches (counted from 1) that are accepted, but whose first answer is lost with the connection. */
  loseAnswer?: (batch: number) => boolean;
  /** Tickets (counted from 1) that vanish after they were accepted. */
  loseTicket?: (ticket: number) => boolean;
  /** Matches (counted from 1) whose first player is told of a second match too. */
  duplicate?: (match: number) => boolean;
}

interface FakeTicket {
  id: string;
  player: string;
  elo: number;
  status: TicketStatus;
  expiresAt: number;
  match?: string;
}

/** As much of a Muster as a realm can see, in memory: it pairs whoever waits, and can be told to do wrong. */
export const startFakeMuster = async (options: FakeOptions = {}) => {
  const { teamSize = 1, matchEveryMs = 20, expireAfterMs = () => 60_000 } = options;
  const tickets = new Map<string, FakeTicket>();
  const matches = new Map<string, Match>();
  const states = new Map<string, StateFrame>();
  const answers = new Map<string, unknown>();
  const watchers = new Map<string, WebSocket>();
  let batches = 0;
  let ticketsMade = 0;

  const change = (player: string, state: StateFrame["state"], ids: { ticket: string; match?: string }) => {
    const version = (states.get(player)?.version ?? 0) + 1;
    const frame: StateFrame = { op: "state", player, state, version, at: Date.now(), ...ids };
    states.set(player, frame);
    watchers.get(player)?.send(JSON.stringify(frame));
  };

  const enqueue = (queue: string, { players: [player] }: TicketRequest): { status: number; ticket: Ticket } => {
    if (!player) throw new Error("a ticket without a player");
    ticketsMade += 1;
    const id = `t${ticketsMade}`;
    const now = Date.now();
    const ticket = { id, queue, version: 1, tries: 0, createdAt: now, expiresAt: now + expireAfterMs(ticketsMade) };
    if (!options.loseTicket?.(ticketsMade)) {
      tickets.set(id, { ...ticket, player: player.id, elo: player.elo, status: "queued" });
      change(player.id, "inqueue", { ticket: id });
    }
    return { status: 201, ticket: { ...ticket, status: "queued", players: [player] } };
  };

  const waiting = () => [...tickets.values()].filter(({ status }) => status === "queued");

  const form = (group: FakeTicket[]) => {
    const id = `m${matches.size + 1}`;
    const player = (ticket: FakeTicket) => ({ id: ticket.player, elo: ticket.elo, ticket: ticket.id });
    const teams = [
      { name: "1", players: group.slice(0, teamSize).map(player) },
      { name: "2", players: group.slice(teamSize).map(player) },
    ];
    const now = Date.now();
    matches.set(id, {
      ...{ id, queue: "duel", state: "live", version: 1, createdAt: now, endsAt: now + 60_000 },
      ...{ eloGap: 0, quality: 1, joined: 0, teams },
    });
    for (const ticket of group) {
      Object.assign(ticket, { status: "matched", match: id });
      change(ticket.player, "inmatch", { ticket: ticket.id, match: id });
    }
    const [first] = group;
    if (first && options.duplicate?.(matches.size)) {
      change(first.player, "inmatch", { ticket: first.id, match: `${id}b` });
    }
  };

  const endTicket = (ticket: FakeTicket, status: "cancelled" | "expired") => {
    ticket.status = status;
    change(ticket.player, "idle", { ticket: ticket.id });
  };

  const pairing = setInterval(() => {
    for (const ticket of waiting()) if (ticket.expiresAt <= Date.now()) endTicket(ticket, "expired");
    const queue = waiting();
    while (queue.length >= 2 * teamSize) form(queue.splice(0, 2 * teamSize));
  }, matchEveryMs);

  const problem = (status: number, code: string, detail: string) => ({ status, body: { status, code, detail } });

  const answer = (method: string, path: string[], body: unknown): { status: number; body: unknown } => {
    const [kind, id = "", action] = path;
    if (kind === "queues" && method === "GET") {
      return id === "duel" || id === "team"
        ? { status: 200, body: { name: id, teams: { count: 2, size: teamSize } } }
        : problem(404, "QUEUE_NOT_FOUND", `There is no queue "${id}". The queues are: duel, team.`);
    }
    if (kind === "queues") {
      // The client sends what the API asks for.
      const { tickets: requests } = body as { tickets: TicketRequest[] };
      return { status: 200, body: { results: requests.map((request) => enqueue(id, request)) } };
    }
    if (kind === "tickets") {
      const ticket = tickets.get(id);
      if (!ticket) return problem(404, "TICKET_NOT_FOUND", `There is no ticket "${id}".`);
      if (method === "GET") return { status: 200, body: ticket };
      if (ticket.status === "queued") endTicket(ticket, "cancelled");
      return { status: 200, body: { outcome: ticket.status, match: matches.get(ticket.match ?? "") } };
    }
    if (kind === "players") return { status: 200, body: { id, ...states.get(id) } };
    const match = matches.get(id);
    if (!match) return problem(404, "MATCH_NOT_FOUND", `There is no match "${id}".`);
    if (action === "end" && match.state !== "ended") {
      match.state = "ended";
      for (const player of match.teams.flatMap((team) => team.players)) change(player.id, "idle", player);
    }
    return { status: 200, body: match };
  };

  const server = createServer(async (request, response) => {
    const body = await readJson(request);
    const path = (request.url ?? "").split("/").slice(2).map(decodeURIComponent);
    const isBatch = path[3] === "batch";
    const key = request.headers["idempotency-key"]?.toString() ?? "";
    const known = answers.get(key);
    const { status, body: reply } = known ? { status: 200, body: known } : answer(request.method ?? "", path, body);
    if (isBatch && !known) {
      answers.set(key, reply);
      batches += 1;
      if (options.loseAnswer?.(batches)) return void request.socket.destroy();
    }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
  });
  const sockets = new WebSocketServer({ server, path: "/v1/realm" });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      const request: RealmRequest = JSON.parse(data.toString());
      if (request.op === "ping") return socket.send(JSON.stringify({ op: "pong" }));
      const { op, players } = request;
      for (const player of players) {
        if (op === "unwatch") watchers.delete(player);
        else watchers.set(player, socket);
        const state = states.get(player) ?? { op: "state", player, state: "idle", version: 0, at: 0 };
        if (op === "watch") socket.send(JSON.stringify(state));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => waiting().length,
    openMatches: () => [...matches.values()].filter(({ state }) => state !== "ended").length,
    players: () => [...states.keys()],
    /** Cuts every watching connection. */
    cutSockets: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    close: async () => {
      clearInterval(pairing);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? undefined : JSON.parse(text);
};
