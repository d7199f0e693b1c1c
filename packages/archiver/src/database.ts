import { Socket } from "node:net";
import { Client, type QueryResult } from "pg";

const CONNECT_LIMIT_MS = 5_000;
const QUERY_LIMIT_MS = 15_000;
/** Whoever reads the tables for long must not keep a new month's from being made for ever. */
const LOCK_LIMIT_MS = 5_000;
const END_LIMIT_MS = 1_000;

/** One session with PostgreSQL: what it holds (transactions, advisory locks) ends with it. */
export interface Database {
  query(text: string, values?: readonly unknown[]): Promise<QueryResult>;
  /** All or nothing. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether the connection stands, as far as is known. */
  isOpen(): boolean;
  /** Politely if PostgreSQL answers, within a second in any case. */
  close(): Promise<void>;
}

/** @throws when PostgreSQL can't be reached */
export const openDatabase = async (url: string, name: string): Promise<Database> => {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: QUERY_LIMIT_MS,
    statement_timeout: QUERY_LIMIT_MS,
    lock_timeout: LOCK_LIMIT_MS,
    keepAlive: true,
    stream: () => socket,
  });
  let open = true;
  client.on("error", () => {
    open = false;
  });
  client.on("end", () => {
    open = false;
  });
  const close = async () => {
    open = false;
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, END_LIMIT_MS);
    });
    await Promise.race([client.end().catch(() => {}), late]);
    clearTimeout(limit);
    // A PostgreSQL that hangs would keep the connection, and the process, for as long.
    socket.destroy();
  };
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw error;
  }
  const query = (text: string, values?: readonly unknown[]) => client.query(text, values && [...values]);
  return {
    query,
    transaction: async (work) => {
      await query("BEGIN");
      try {
        const result = await work();
        await query("COMMIT");
        return result;
      } catch (error) {
        await query("ROLLBACK").catch(() => {});
        throw error;
      }
    },
    isOpen: () => open,
    close,
  };
};

/** Whether PostgreSQL refused the data itself (SQLSTATE classes 22 and 23), so that trying again is in vain. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^2[23]/.test(error.code);
