import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningSystem } from "@muster/cli";
import { type Counted, startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A proxy between nginx and each orchestrator. */
export interface HttpProxies {
  /** Ends nginx's connection to an orchestrator at each call that changes something; see TcpProxy. Stops and counts the same. */
  cutCalls(when: "forwarded" | "after"): Counted;
  /** All that goes to and from orchestrators is late by so much, until what is returned is called. */
  delay(ms: number): () => void;
  close(): Promise<void>;
}

/** How a call begins that changes something. */
const CHANGES = ["POST /v1/", "PATCH /v1/", "DELETE /v1/"];
const SWITCH_LIMIT_MS = 10_000;

/** Has nginx reach the orchestrators through proxies from now on. */
export const startHttpProxies = async (system: RunningSystem): Promise<HttpProxies> => {
  const file = join(system.dataDir, "nginx", "deployment", "orchestrators.conf");
  const proxies: TcpProxy[] = [];
  let servers = await readFile(file, "utf8");
  for (const { role, port } of system.processes) {
    if (role !== "orchestrator") continue;
    const proxy = await startTcpProxy(port);
    proxies.push(proxy);
    servers = servers.replace(`server 127.0.0.1:${port} `, `server 127.0.0.1:${proxy.port} `);
  }
  await writeFile(file, servers);
  system.processes.find(({ role }) => role === "nginx")?.kill("SIGHUP");
  const deadline = Date.now() + SWITCH_LIMIT_MS;
  while (proxies.some((proxy) => proxy.connected() === 0)) {
    if (Date.now() > deadline) throw new Error("nginx did not go over to the proxies");
    await Promise.all(proxies.map(() => fetch(`${system.url}/v1/queues`).catch(() => {})));
    await sleep(20);
  }
  const everywhere = (arm: (proxy: TcpProxy) => Counted): Counted => {
    const armed = proxies.map(arm);
    return {
      count: () => armed.reduce((sum, { count }) => sum + count(), 0),
      stop: () => {
        for (const { stop } of armed) stop();
      },
    };
  };
  return {
    cutCalls: (when) => everywhere((proxy) => proxy.cutAt(() => true, CHANGES, when)),
    delay: (ms) => {
      const stops = proxies.map((proxy) => proxy.delay(() => true, ms));
      return () => {
        for (const stop of stops) stop();
      };
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
};
