import { type AddressInfo, createServer, type Socket, connect as tcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Which connections: by the name that each gave itself (Redis' CLIENT SETNAME), "" before or without. */
export type Which = (name: string) => boolean;

/** A TCP proxy before a server, which can do to connections what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that were made through it so far. */
  connected(): number;
  /** Ends connections at once; new ones go through. @returns how many */
  cut(which: Which): number;
  /** Nothing goes either way on these connections, new ones included, until what is returned is called. */
  hold(which: Which): () => void;
  /** Each piece of data is late by so much, until what is returned is called. */
  delay(which: Which, ms: number): () => void;
  /**
   * Ends each connection on which a client sends one of these texts, until it is stopped: `before` the server has it,
   * `forwarded` when it has it and has not answered yet, or `after` it has answered, unseen by the client. All that was on its way
   * on that connection is lost with it. Counts how often.
   */
  cutAt(which: Which, texts: readonly string[], when: "before" | "forwarded" | "after"): Counted;
  /** Keeps what holds such a text back for so long; the same. */
  delayAt(which: Which, texts: readonly string[], ms: number): Counted;
  close(): Promise<void>;
}

export interface Counted {
  count(): number;
  stop(): void;
}

interface Rule {
  which: Which;
  /** In what the client sends: the rule is for nothing else. Absent: for everything. */
  at?: readonly Buffer[];
  kind: "hold" | "delay" | "cut-before" | "cut-forwarded" | "cut-after" | "delay-at";
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

export const startTcpProxy = async (serverPort: number): Promise<TcpProxy> => {
  let connected = 0;
  const links = new Set<Link>();
  const rules = new Set<Rule>();
  const ruleFor = ({ name }: Link, ...kinds: Rule["kind"][]) =>
    [...rules].find(({ which, kind }) => kinds.includes(kind) && which(name));

  const addRule = (
    which: Which,
    kind: Rule["kind"],
    { ms = 0, at }: { ms?: number; at?: readonly Buffer[] } = {},
  ): Rule => {
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
    const rule = [...rules].find(({ which, at }) => at?.some((text) => data.includes(text)) && which(link.name));
    if (rule) {
      rule.count += 1;
      if (rule.kind === "cut-before") return false;
      if (rule.kind === "cut-after") link.cutAtAnswer = rule;
      if (rule.kind === "cut-forwarded") {
        await new Promise((resolve) => link.server.write(data, resolve));
        return false;
      }
      if (rule.kind === "delay-at") await sleep(rule.ms);
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
    connected += 1;
    const server = tcp(serverPort, "127.0.0.1");
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
  const buffers = (texts: readonly string[]) => texts.map((text) => Buffer.from(text));
  return {
    port,
    connected: () => connected,
    cut: (which) => {
      const those = [...links].filter(({ name }) => which(name));
      for (const link of those) end(link);
      return those.length;
    },
    hold: (which) => addRule(which, "hold").end,
    delay: (which, ms) => addRule(which, "delay", { ms }).end,
    cutAt: (which, texts, when) => counted(addRule(which, `cut-${when}`, { at: buffers(texts) })),
    delayAt: (which, texts, ms) => counted(addRule(which, "delay-at", { ms, at: buffers(texts) })),
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
