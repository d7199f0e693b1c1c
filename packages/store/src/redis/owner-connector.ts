import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { RedisAddress } from "@muster/core/service";
import { AbstractConnector, type RedisOptions } from "ioredis";
import { askOnce } from "./ask-once.ts";
import { endedStream } from "./ended-stream.ts";
import { serverName } from "./server-name.ts";

const DISCONNECT_LIMIT_MS = 2_000;

type Host = RedisAddress["hosts"][number];

/**
 * Connects to the master that owns a partition's slot in a Redis Cluster, found anew for each connection. All keys of a
 * partition are in one slot, so its connections are those to a single server: with WATCH, with the announcements of the
 * node that holds the keys, and ended and made anew when the slot has moved (see reconnectOnError in connect.ts).
 */
export const ownerConnector = (address: RedisAddress, partition: string): NonNullable<RedisOptions["Connector"]> => {
  /** Nodes that were known last: those of the URL may all be gone one day. */
  let known: readonly Host[] = [];
  return class OwnerConnector extends AbstractConnector {
    constructor() {
      super(DISCONNECT_LIMIT_MS);
    }

    async connect(): Promise<Socket> {
      this.connecting = true;
      delete this.firstError;
      const found = await askForOwner([...known, ...address.hosts], address, partition).catch((error: Error) => error);
      // ioredis says so by disconnect(), which may come while we ask.
      if (!this.connecting) throw new Error("Connection is closed.");
      if (found instanceof Error) {
        this.firstError = found;
        return endedStream();
      }
      const { owner, nodes } = found;
      known = nodes;
      const socket = address.tls ? connectTls({ ...owner, ...serverName(owner.host) }) : connectTcp(owner);
      socket.once("error", (error) => {
        this.firstError = error;
      });
      this.stream = socket;
      return socket;
    }

    /** Each command that a slot's old owner refuses asks for it, and each time would add a timer and a listener. */
    override disconnect(): void {
      const isAsked = this.stream?.writableEnded;
      if (isAsked) this.connecting = false;
      else super.disconnect();
    }
  };
};

/** @throws when no node can say */
const askForOwner = async (
  hosts: readonly Host[],
  address: RedisAddress,
  partition: string,
): Promise<{ owner: Host; nodes: Host[] }> => {
  let last: unknown = "it has no address";
  const tried = new Set<string>();
  for (const host of hosts) {
    const name = `${host.host}:${host.port}`;
    if (tried.has(name)) continue;
    tried.add(name);
    try {
      return await ask(host, address, partition);
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`connection is closed: no node of the cluster says who owns partition ${partition}: ${last}`);
};

const ask = (host: Host, address: RedisAddress, partition: string) =>
  askOnce(host, address, async (redis) => {
    const slot = await redis.cluster("KEYSLOT", `{${partition}}`);
    // Each range: first slot, last slot, master, replicas; each node: host, port, id, …
    const ranges = await redis.cluster("SLOTS");
    // A node that doesn't know its own name is at the address that we asked at.
    const toHost = ([name, port]: readonly [string | null, number, ...unknown[]]): Host => ({
      host: name || host.host,
      port,
    });
    const [, , master] = ranges.find(([first, end]) => first <= slot && slot <= end) ?? [];
    if (!master) throw new Error(`nobody owns slot ${slot}`);
    return { owner: toHost(master), nodes: ranges.flatMap(([, , ...nodes]) => nodes.map(toHost)) };
  });
