/** Where Redis is, out of a REDIS_URL. */
export interface RedisAddress {
  /**
   * `single`: one server. `sentinel`: several sentinels, who know which server is the master. `cluster`: some nodes of
   * a Redis Cluster, any of which knows the others.
   */
  readonly kind: "single" | "sentinel" | "cluster";
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Of a single server or a sentinel's master; a cluster has only 0. */
  readonly db: number;
  /** What the sentinels call the master. */
  readonly master?: string;
}

/** `redis://`, `rediss://`, and the same with `-sentinel` and `-cluster`. */
export const REDIS_URL_PATTERN = "^rediss?(-sentinel|-cluster)?://[^/]+";

const URL_PARTS = /^redis(s?)(?:-(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/@]+)(?:\/([^/?#]*))?(?:\/(\d+))?$/;
const DEFAULT_PORT = { single: 6_379, cluster: 6_379, sentinel: 26_379 } as const;

/**
 *     redis://[user:password@]host[:port][/db]
 *     redis-sentinel://[user:password@]host[:port],host[:port]…/master[/db]
 *     redis-cluster://[user:password@]host[:port],host[:port]…
 *
 * and the same with `rediss` for TLS. User and password are those of Redis, percent-encoded where need be.
 *
 * @returns undefined when it is none of these
 */
export const parseRedisUrl = (url: string): RedisAddress | undefined => {
  const [whole, tls, several, login = "", list = "", path = "", lastPath] = URL_PARTS.exec(url) ?? [];
  if (whole === undefined) return undefined;
  const kind = several === "sentinel" || several === "cluster" ? several : "single";
  const hosts = list.split(",").map((each) => hostOf(each, DEFAULT_PORT[kind]));
  const [username = "", password = ""] = login.includes(":") ? login.split(/:(.*)/s) : ["", login];
  const db = kind === "sentinel" ? lastPath : path;
  const isSound =
    hosts.every(({ host, port }) => host !== "" && port > 0 && port < 65_536) &&
    (kind !== "single" || hosts.length === 1) &&
    (kind === "sentinel" ? path !== "" : lastPath === undefined) &&
    (kind !== "cluster" || path === "" || path === "0") &&
    /^\d*$/.test(db ?? "");
  if (!isSound) return undefined;
  return {
    kind,
    hosts,
    tls: tls === "s",
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    db: Number(db || 0),
    ...(kind === "sentinel" && { master: path }),
  };
};

const hostOf = (text: string, defaultPort: number): { host: string; port: number } => {
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain, port: port === undefined ? defaultPort : Number(port) };
};

/** A REDIS_URL as it may be shown: without user and password. */
export const withoutLogin = (url: string): string => url.replace(/^([a-z-]+:\/\/)[^@/]*@/, "$1");
