import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "@muster/store/testing";
import { Client } from "pg";

/** A PostgreSQL of a test's own: empty, gone with everything it wrote when stopped. */
export interface TestPostgres {
  url: string;
  /** For looking at what is in it; a connection for each call. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Ends it at once (SIGQUIT); `start` brings it back with its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;
/** Debian's package makes this user; without it, anybody but root will do. */
const USERS = ["postgres", "nobody"];
const run = promisify(execFile);

export const startTestPostgres = async (): Promise<TestPostgres> => {
  const bin = await findBin();
  const user = await otherUser();
  const folder = await mkdtemp(join(tmpdir(), "muster-postgres-"));
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  await run(join(bin, "initdb"), ["-D", data, "-U", "muster", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const url = `postgres://muster@127.0.0.1:${port}/postgres`;
  // Durable only as far as a test looks: it survives the server's end, not the machine's.
  const settings = { listen_addresses: "127.0.0.1", port, unix_socket_directories: folder, fsync: "off" };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

  let child: ChildProcess | undefined;
  const server: TestPostgres = {
    url,
    query: async (text) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    },
    start: async () => {
      const started = spawn(join(bin, "postgres"), ["-D", data, ...args], { ...user, cwd: folder, stdio: "ignore" });
      child = started;
      const killWithUs = () => void started.kill("SIGQUIT");
      process.once("exit", killWithUs);
      started.once("exit", () => process.off("exit", killWithUs));
      await untilReady(server, started);
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      // SIGKILL would leave its own children behind.
      child.kill("SIGQUIT");
      await exited;
    },
    stop: async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
};

/** Debian keeps a server's programs out of PATH. @returns the newest version's folder */
const findBin = async (): Promise<string> => {
  const debian = "/usr/lib/postgresql";
  const versions = (await entriesOf(debian)).sort((a, b) => Number(b) - Number(a));
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...versions.map((each) => join(debian, each, "bin"))];
  for (const folder of folders) {
    if (folder && (await entriesOf(folder)).includes("initdb")) return folder;
  }
  throw new Error("PostgreSQL is not installed: initdb was found neither in PATH nor under /usr/lib/postgresql");
};

/** None of a folder that isn't there. */
const entriesOf = (folder: string): Promise<string[]> => readdir(folder).catch((): string[] => []);

/** PostgreSQL refuses to run as root. Undefined for anybody else, who runs it as themselves. */
const otherUser = async (): Promise<{ uid: number; gid: number } | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string, user: string) => Number((await run("id", [flag, user])).stdout);
  for (const user of USERS) {
    const found = await Promise.all([idOf("-u", user), idOf("-g", user)]).catch(() => undefined);
    if (found) return { uid: found[0], gid: found[1] };
  }
  throw new Error(`PostgreSQL can't run as root, and there is no user ${USERS.join(" or ")}`);
};

const untilReady = async (server: TestPostgres, child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await server.query("SELECT 1");
      return;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
};
