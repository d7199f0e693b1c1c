import { connectForCommits, disconnect } from "@muster/store";

type Connection = ReturnType<typeof connectForCommits>;

/** Dedicated connections for commits: each serves one commit at a time, and one that ended is replaced by a new one. */
export interface CommitConnections {
  /** Runs a commit on a connection that nothing else uses meanwhile. @throws what the connection or the commit throws */
  use<Result>(commit: (connection: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export const createCommitConnections = (url: string, name: string, partition: string): CommitConnections => {
  const idle: Connection[] = [];
  return {
    async use(commit) {
      let connection = idle.pop();
      while (connection && connection.status !== "ready") {
        connection.disconnect();
        connection = idle.pop();
      }
      if (!connection) {
        connection = connectForCommits(url, name, partition);
        await connection.connect();
      }
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
    async close() {
      await Promise.all(idle.splice(0).map(disconnect));
    },
  };
};
