import { type Counted, startTcpProxy, type TcpProxy, type Which } from "./tcp-proxy.ts";

/** A proxy before Redis. It looks at no more of the protocol than connection names, the word `exec` and the names of scripts. */
export interface RedisProxy extends Pick<TcpProxy, "cut" | "hold" | "delay" | "close"> {
  readonly url: string;
  /** Ends each connection at its next transaction: `before` EXEC reaches Redis, or `after` Redis has answered it. */
  cutAtExec(which: Which, when: "before" | "after"): Counted;
  /** Ends each connection when Redis has answered this script (its SHA-1, as EVALSHA names it): it was applied. */
  cutAfterScript(which: Which, sha: string): Counted;
  /** Keeps each EXEC for so long, in which the keys that its transaction watches may change. */
  delayExec(which: Which, ms: number): Counted;
}

const EXEC = ["\r\nexec\r\n"];

export const startRedisProxy = async (redisPort: number): Promise<RedisProxy> => {
  const proxy = await startTcpProxy(redisPort);
  return {
    ...proxy,
    url: `redis://127.0.0.1:${proxy.port}`,
    cutAtExec: (which, when) => proxy.cutAt(which, EXEC, when),
    cutAfterScript: (which, sha) => proxy.cutAt(which, [sha], "after"),
    delayExec: (which, ms) => proxy.delayAt(which, EXEC, ms),
  };
};
