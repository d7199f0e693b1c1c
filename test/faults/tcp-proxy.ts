import { type AddressInfo, createServer, type Socket, connect as tcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Which connections: by the name that each gave itself (CLIENT SETNAME), "" before. */
export type Which = (name: string) => boolean;

/**
 * A TCP proxy before Redis, which can do to connections what networks do. It looks at no more of the protocol than
 * connection names, the word `exec` and the names of scripts.
 */
export interface RedisProxy {
  readonly url: string;
  /** Ends connections at once; new ones go through. @returns how many */
  cut(which: Which): number;
  /** Nothing goes either way on these connections, new ones included, until what is returned is called. */
  hold(which: Which): () => void;
  /** Each piece of data is late by so much, until what is returned is called. */
  delay(which: Which, ms: number): () => void;
  /**
   * Ends each connection at its next transaction, until what is returned is called: `before` EXEC reaches Redis, or
   * `after` Redis has answered it, unseen by the client. Counts how often.
   */
  cutAtExec(which: Which, when: "before" | "after"): Counted;
  /**
   * Ends each connection when Redis has answered this script (its SHA-1, as EVALSHA names it), unseen by the client: the
   * script was applied. All that was on its way on that connection loses its answer with it. Stops and counts the same.
   */
  cutAfterScript(which: Which, sha: string): Counted;
  /** Keeps each EXEC for so long, in which the keys that its transaction watches may change; the same. */
  delayExec(which: Which, ms: number): Counted;
  close(): Promise<void>;
}

export interface Counted {
  count(): number;
  stop(): void;
}

interface Rule {
  which: Which;
  /** In what the client sends: the rule is for nothing else. Absent: for everything. */
  at?: Buffer;
  kind: "hold" | "delay" | "cut-before" | "cut-after" | "delay-exec";
  ms: number;
  count: number;
  over: Promise<void>;
  end: () => void;
}

interface Link {
  name: string;
  client: Socket;
  server: Socket;
  /** What the rule is for is with Redis, and its answer is to be lost. */
  cutAtAnswer: Rule | undefined;
}

const EXEC = Buffer.from("\r\nexec\r\n");

export const startRedisProxy = async (redisPort: number): Promise<RedisProxy> => {
  const links = new Set<Link>();
  const rules = new Set<Rule>();
  const ruleFor = ({ name }: Link, ...kinds: Rule["kind"][]) =>
    [...rules].find(({ which, kind }) => kinds.includes(kind) && which(name));

  const addRule = (which: Which, kind: Rule["kind"], { ms = 0, at }: { ms?: number; at?: Buffer } = {}): Rule => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const rule: Rule = { which, ...(at && { at }), kind, ms, count: 0, over: promise, end: () => {} };
    rule.end = () => {
      rules.delete(rule);
      resolve();
    };
    rules.add(rule);
    return rule;
  };

  const end = (link: Link) => {
    links.delete(link);
    link.client.destroy();
    link.server.destroy();
  };

  /** @returns whether the piece may go on */
  const passClient = async (link: Link, data: Buffer): Promise<boolean> => {
    link.name = nameIn(data) ?? link.name;
    const rule = [...rules].find(({ which, at }) => at && which(link.name) && data.includes(at));
    if (rule) {
      rule.count += 1;
      if (rule.kind === "cut-before") return false;
      if (rule.kind === "cut-after") link.cutAtAnswer = rule;
      if (rule.kind === "delay-exec") await sleep(rule.ms);
    }
    await ruleFor(link, "hold")?.over;
    const late = ruleFor(link, "delay");
    if (late) await sleep(late.ms);
    return true;
  };

  const passServer = async (link: Link): Promise<boolean> => {
    if (link.cutAtAnswer) return false;
    await ruleFor(link, "hold")?.over;
    const late = ruleFor(link, "delay");
    if (late) await sleep(late.ms);
    return true;
  };

  /** One piece after the other, so that none overtakes. */
  const pipe = (link: Link, from: Socket, to: Socket, pass: (data: Buffer) => Promise<boolean>) => {
    let last: Promise<void> = Promise.resolve();
    from.on("data", (data: Buffer) => {
      last = last.then(async () => {
        if (!links.has(link)) return;
        if (await pass(data)) to.write(data);
        else end(link);
      });
    });
    from.on("close", () => end(link));
    from.on("error", () => end(link));
  };

  const proxy = createServer((client) => {
    const server = tcp(redisPort, "127.0.0.1");
    for (const socket of [client, server]) socket.setNoDelay(true);
    const link: Link = { name: "", client, server, cutAtAnswer: undefined };
    links.add(link);
    pipe(link, client, server, (data) => passClient(link, data));
    pipe(link, server, client, () => passServer(link));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is always an AddressInfo once it listens.
  const { port } = proxy.address() as AddressInfo;

  const counted = (rule: Rule): Counted => ({ count: () => rule.count, stop: rule.end });
  return {
    url: `redis://127.0.0.1:${port}`,
    cut: (which) => {
      const those = [...links].filter(({ name }) => which(name));
      for (const link of those) end(link);
      return those.length;
    },
    hold: (which) => addRule(which, "hold").end,
    delay: (which, ms) => addRule(which, "delay", { ms }).end,
    cutAtExec: (which, when) => counted(addRule(which, when === "before" ? "cut-before" : "cut-after", { at: EXEC })),
    cutAfterScript: (which, sha) => counted(addRule(which, "cut-after", { at: Buffer.from(sha) })),
    delayExec: (which, ms) => counted(addRule(which, "delay-exec", { ms, at: EXEC })),
    close: async () => {
      for (const rule of [...rules]) rule.end();
      for (const link of [...links]) end(link);
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};

/** The name that a client gives its connection, as `client setname NAME` or in `hello 3 … setname NAME`. */
const nameIn = (data: Buffer): string | undefined =>
  /setname\r\n\$\d+\r\n([^\r]+)\r\n/i.exec(data.subarray(0, 1_000).toString("latin1"))?.[1];
