/**
 * Colyseus' queue room with its Redis driver and presence, in one process, without its HTTP and WebSockets: players join
 * by its matchmaker's own calls, and their sockets are ours, so that nothing but its matchmaking is measured. Its queue
 * looks for groups twenty times as often as by default, and takes the elos that Muster's duel takes at first.
 */
import { EventEmitter } from "node:events";
import { matchMaker, QueueRoom, Room } from "@colyseus/core";
import { connectClientToRoom } from "@colyseus/core/Transport";
import { RedisDriver } from "@colyseus/redis-driver";
import { RedisPresence } from "@colyseus/redis-presence";
import { WebSocketClient } from "@colyseus/ws-transport";
import { answerCalls, type Calls } from "../child.ts";
import { type Flood, flood, type ToldAt } from "./flood.ts";

export interface ColyseusCalls extends Calls {
  open(order: { redisUrl: string; eloSpread: number }): Promise<void>;
  flood(order: Flood): Promise<ToldAt>;
}

const CYCLE_MS = 50;
const OPEN = 1;

class BattleRoom extends Room {
  override maxClients = 2;
}

class FastQueueRoom extends QueueRoom {
  override cycleTickInterval = CYCLE_MS;
}

/** A socket that takes whatever it is given. */
class Sink extends EventEmitter {
  readyState = OPEN;
  send(): void {}
  close(code?: number): void {
    this.readyState = 3;
    this.emit("close", code);
  }
}

/** What a player's client does: once it is told its seat it confirms, and the queue lets it go. */
class PlayerClient extends WebSocketClient {
  onSeat: () => void = () => {};
  override send(type: string, message?: unknown): void {
    super.send(type, message);
    if (type === "seat") this.onSeat();
  }
}

const open: ColyseusCalls["open"] = async ({ redisUrl, eloSpread }) => {
  await matchMaker.setup(new RedisPresence(redisUrl), new RedisDriver(redisUrl), "127.0.0.1");
  matchMaker.defineRoomType("battle", BattleRoom);
  matchMaker.defineRoomType("queue", FastQueueRoom, {
    matchRoomName: "battle",
    maxPlayers: 2,
    compare: (client: { rank: number }, group: { averageRank: number }) =>
      Math.abs(client.rank - group.averageRank) <= eloSpread,
  });
  await matchMaker.accept();
};

const join = async (rank: number, told: () => void): Promise<void> => {
  const { roomId, sessionId } = (await matchMaker.joinOrCreate("queue", { rank })) as unknown as Seat;
  const room = matchMaker.getLocalRoomById(roomId) as FastQueueRoom;
  const client = new PlayerClient(sessionId, new Sink() as never);
  client.onSeat = () => {
    told();
    setImmediate(() => room.messages.confirm(client as never, undefined));
  };
  await connectClientToRoom(room as never, client as never, {} as never, { skipHandshake: true });
};

interface Seat {
  roomId: string;
  sessionId: string;
}

answerCalls({
  open,
  flood: (order: Flood) =>
    flood(order, async (crowd, players, told) => {
      await Promise.all(players.map((player) => join(crowd.person(player).elo, () => told(player))));
    }),
} satisfies ColyseusCalls as Calls);
