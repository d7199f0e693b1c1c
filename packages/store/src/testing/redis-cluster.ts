import type { Redis } from "ioredis";
import { askRedis } from "./ask-redis.ts";
import { freePort } from "./free-port.ts";
import { startTestRedis, type TestRedis } from "./redis-server.ts";
import { type TestCertificates, tlsArgs } from "./test-certificates.ts";
import { until } from "./until.ts";

/** A Redis Cluster of a test's own: three masters with a replica each. */
export interface TestCluster {
  /** With all nodes in it. */
  url: string;
  nodes: readonly TestRedis[];
  /** The node that owns a partition's slot now. */
  ownerOf(partition: string): Promise<TestRedis>;
  /** Moves a partition's slot, with all its keys, to another master, as operators do while it is in use. */
  moveSlot(partition: string, keysAtOnce?: number): Promise<void>;
  /** Resolves when every slot has a master that can be reached, and every master a replica that follows it. */
  healthy(): Promise<void>;
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const LIMIT_MS = 30_000;
/** A master that is silent for so long has failed. */
const NODE_TIMEOUT_MS = 1_000;
const KEYS_AT_ONCE = 50;

export interface TestClusterOptions {
  /** With them the nodes speak TLS, to each other too, and so does `url`; slots can't be moved then. */
  certificates?: TestCertificates;
  /** More settings of each node, as on redis-server's command line: by default its file is written at every command. */
  args?: readonly string[];
}

export const startTestCluster = async ({ certificates, args = [] }: TestClusterOptions = {}): Promise<TestCluster> => {
  const nodes: TestRedis[] = [];
  /** Where clients and other nodes find each. */
  const ports: number[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let count = 0; count < 2 * MASTERS; count++) {
      const tlsPort = await freePort();
      const node = await startNode([...(certificates ? tlsNodeArgs(certificates, tlsPort) : []), ...args]);
      nodes.push(node);
      ports.push(certificates ? tlsPort : node.port);
    }
    const scheme = certificates ? "rediss-cluster" : "redis-cluster";
    const cluster = { url: `${scheme}://${ports.map((port) => `127.0.0.1:${port}`).join(",")}`, nodes, stop };
    const healthy = () => until("the cluster is healthy", LIMIT_MS, () => isHealthy(nodes));
    await form(nodes, ports);
    await healthy();
    return {
      ...cluster,
      healthy,
      ownerOf: (partition) => ownerOf(nodes, partition),
      moveSlot: (partition, keysAtOnce = KEYS_AT_ONCE) => moveSlot(nodes, partition, keysAtOnce),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const tlsNodeArgs = (certificates: TestCertificates, port: number): string[] => [
  ...tlsArgs(certificates, port),
  ...["--tls-cluster", "yes", "--tls-replication", "yes"],
];

const startNode = async (more: readonly string[]): Promise<TestRedis> => {
  const settings = {
    "cluster-enabled": "yes",
    // The default is far above the port, and may be none.
    "cluster-port": String(await freePort()),
    "cluster-node-timeout": String(NODE_TIMEOUT_MS),
    "cluster-replica-validity-factor": "0",
    "repl-diskless-sync-delay": "0",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return startTestRedis({ appendOnly: true, args: [...args, ...more] });
};

const ask = <Answer>({ url }: TestRedis, work: (redis: Redis) => Promise<Answer>) => askRedis(url, work);

/** The first half are masters, and node n + 3 follows node n. */
const form = async (nodes: readonly TestRedis[], ports: readonly number[]): Promise<void> => {
  const busPorts = await Promise.all(
    nodes.map((node) => ask(node, async (redis) => (await redis.config("GET", "cluster-port")) as string[])),
  );
  for (const [index, node] of nodes.entries()) {
    await ask(node, async (redis) => {
      await redis.call("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
      if (index < MASTERS) {
        const [first, next] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / MASTERS));
        await redis.call("CLUSTER", "ADDSLOTSRANGE", String(first), String((next ?? 0) - 1));
      }
    });
  }
  for (const [index, port] of ports.entries()) {
    const bus = String(busPorts[index]?.[1]);
    if (index > 0)
      await ask(nodeAt(nodes, 0), (redis) => redis.call("CLUSTER", "MEET", "127.0.0.1", String(port), bus));
  }
  const knowsAll = async (node: TestRedis) => {
    const info = await ask(node, (redis) => redis.cluster("INFO"));
    return info.includes(`cluster_known_nodes:${nodes.length}`);
  };
  await until("all nodes know each other", LIMIT_MS, async () =>
    (await Promise.all(nodes.map(knowsAll))).every(Boolean),
  );
  for (const [index, node] of nodes.slice(MASTERS).entries()) {
    const master = await ask(nodeAt(nodes, index), (redis) => redis.cluster("MYID"));
    await until("a replica follows", LIMIT_MS, () =>
      ask(node, async (redis) => (await redis.call("CLUSTER", "REPLICATE", master)) === "OK"),
    );
  }
};

const nodeAt = (nodes: readonly TestRedis[], index: number): TestRedis => {
  const node = nodes[index];
  if (!node) throw new Error(`no node ${index}`);
  return node;
};

const isHealthy = async (nodes: readonly TestRedis[]): Promise<boolean> => {
  const states = await Promise.all(
    nodes.map((node) =>
      ask(node, async (redis) => {
        const isOk = (await redis.cluster("INFO")).includes("cluster_state:ok");
        const replication = await redis.info("replication");
        const follows = /role:master/.test(replication) || /master_link_status:up/.test(replication);
        return isOk && follows;
      }),
    ),
  );
  return states.every(Boolean);
};

const rangesOf = (nodes: readonly TestRedis[]) =>
  Promise.any(nodes.map((node) => ask(node, (redis) => redis.cluster("SLOTS"))));

const slotOf = (nodes: readonly TestRedis[], partition: string): Promise<number> =>
  Promise.any(nodes.map((node) => ask(node, (redis) => redis.cluster("KEYSLOT", `{${partition}}`))));

const ownerOf = async (nodes: readonly TestRedis[], partition: string): Promise<TestRedis> => {
  const slot = await slotOf(nodes, partition);
  const [, , owner] = (await rangesOf(nodes)).find(([first, last]) => first <= slot && slot <= last) ?? [];
  const node = nodes.find(({ port }) => port === owner?.[1]);
  if (!node) throw new Error(`nobody owns slot ${slot}`);
  return node;
};

const moveSlot = async (nodes: readonly TestRedis[], partition: string, keysAtOnce: number): Promise<void> => {
  const slot = await slotOf(nodes, partition);
  const from = await ownerOf(nodes, partition);
  const masters = new Set((await rangesOf(nodes)).map(([, , master]) => master?.[1]));
  const to = nodes.find(({ port }) => masters.has(port) && port !== from.port);
  if (!to) throw new Error("there is no other master");
  const [fromId, toId] = await Promise.all([from, to].map((node) => ask(node, (redis) => redis.cluster("MYID"))));
  const set = (node: TestRedis, ...args: (string | undefined)[]) =>
    ask(node, (redis) => redis.call("CLUSTER", "SETSLOT", String(slot), ...args.filter((arg) => arg !== undefined)));
  await set(to, "IMPORTING", fromId);
  await set(from, "MIGRATING", toId);
  await ask(from, async (redis) => {
    for (;;) {
      const keys = (await redis.cluster("GETKEYSINSLOT", slot, keysAtOnce)) as string[];
      if (keys.length === 0) return;
      await redis.call("MIGRATE", "127.0.0.1", String(to.port), "", "0", "5000", "KEYS", ...keys);
    }
  });
  for (const node of [to, from]) await set(node, "NODE", toId);
};
