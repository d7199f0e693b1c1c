import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { RedisAddress } from "@muster/core/service";
import { AbstractConnector, type RedisOptions } from "ioredis";
import { askSentinels, type NamedMaster } from "./ask-sentinels.ts";
import { endedStream } from "./ended-stream.ts";
import { serverName } from "./server-name.ts";

const DISCONNECT_LIMIT_MS = 2_000;
const LOOK_EVERY_MS = 1_000;

/** Of each set of sentinels one, however many connections to its master there are. */
const watches = new Map<string, MasterWatch>();

/**
 * Connects to the master that sentinels name, and ends a connection when they name another one. Without that, whoever is
 * connected to a master that was replaced while it was alive stays there until the sentinels make it a replica, ten
 * seconds later: what it writes until then is lost, or refused, and of what others write it hears nothing.
 */
export const masterConnector = (address: RedisAddress): NonNullable<RedisOptions["Connector"]> => {
  const key = JSON.stringify([address.hosts, address.master, address.tls]);
  const watch = watches.get(key) ?? new MasterWatch(address);
  watches.set(key, watch);
  return class MasterConnector extends AbstractConnector {
    constructor() {
      super(DISCONNECT_LIMIT_MS);
    }

    async connect(): Promise<Socket> {
      this.connecting = true;
      delete this.firstError;
      const found = await watch.ask().catch((error: Error) => error);
      // ioredis says so by disconnect(), which may come while we ask.
      if (!this.connecting) throw new Error("Connection is closed.");
      if (found instanceof Error) {
        this.firstError = found;
        return endedStream();
      }
      const { host } = found;
      const socket = address.tls ? connectTls({ ...host, ...serverName(host.host) }) : connectTcp(host);
      socket.once("error", (error) => {
        this.firstError = error;
        watch.forget();
      });
      watch.add(socket, found);
      this.stream = socket;
      return socket;
    }

    /** @param info what the server says of itself: one that was master a moment ago is not to be used */
    override check({ role }: { role?: string }): boolean {
      const isMaster = role === undefined || role === "master";
      if (!isMaster) watch.forget();
      return isMaster;
    }
  };
};

class MasterWatch {
  readonly #address: RedisAddress;
  /** Open connections, each with the master that it was made to. */
  readonly #sockets = new Map<Socket, NamedMaster>();
  /** The last word: behind one name there may be several sentinels, and one that answers next may not have heard of it. */
  #newest: NamedMaster | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: RedisAddress) {
    this.#address = address;
  }

  /** @throws when no sentinel can say */
  async ask(): Promise<NamedMaster> {
    const named = await askSentinels(this.#address);
    if (!this.#newest || named.epoch >= this.#newest.epoch) this.#newest = named;
    return this.#newest;
  }

  /** What was named last could not be used: whatever is named next counts. */
  forget(): void {
    this.#newest = undefined;
  }

  add(socket: Socket, master: NamedMaster): void {
    this.#sockets.set(socket, master);
    socket.once("close", () => this.#sockets.delete(socket));
    this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  async #look(): Promise<void> {
    // Sentinels that are away say nothing against the master.
    const named = await this.ask().catch(() => undefined);
    for (const [socket, { host }] of this.#sockets) {
      const isMaster = !named || (host.host === named.host.host && host.port === named.host.port);
      if (!isMaster) socket.destroy();
    }
    this.#timer = undefined;
    if (this.#sockets.size > 0) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }
}
