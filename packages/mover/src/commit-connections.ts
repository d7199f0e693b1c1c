import { connectForCommits, disconnect } from "@muster/store";

type Connection = ReturnType<typeof connectForCommits>;

/** Dedicated connections for commits: each serves one commit at a time, and one that ended is replaced by a new one. */
export interface CommitConnections {
  /** Runs a commit on a connection that nothing else uses meanwhile. @throws what the connection or the commit throws */
  use<Result>(commit: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Has so many at hand, if Redis lets it, before the first commit needs one. */
  warm(count: number): void;
  /** Ends all that are not in use. */
  close(): Promise<void>;
}

export const createCommitConnections = (url: string, name: string, partition: string): CommitConnections => {
  /** Some may be on their way; undefined: it could not connect. */
  const idle: (Connection | Promise<Connection | undefined>)[] = [];
  const open = async (): Promise<Connection> => {
    const connection = connectForCommits(url, name, partition);
    await connection.connect();
    return connection;
  };
  const takeIdle = async (): Promise<Connection | undefined> => {
    for (let next = idle.pop(); next; next = idle.pop()) {
      const connection = await next;
      if (connection?.status === "ready") return connection;
      connection?.disconnect();
    }
    return undefined;
  };
  return {
    async use(commit) {
      const connection = (await takeIdle()) ?? (await open());
      try {
        const result = await commit(connection);
        idle.push(connection);
        return result;
      } catch (error) {
        // It may still hold a WATCH, or a transaction whose answer is on its way: never use it again.
        connection.disconnect();
        throw error;
      }
    },
    warm(count) {
      while (idle.length < count) idle.push(open().catch(() => undefined));
    },
    async close() {
      const all = await Promise.all(idle.splice(0));
      await Promise.all(all.map((connection) => connection && disconnect(connection)));
    },
  };
};
