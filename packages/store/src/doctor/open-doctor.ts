import type { Clock, Queue } from "@muster/core";
import { DEFAULT_RETENTION, type Retention } from "../context.ts";
import { createKeys } from "../keys.ts";
import { connectForCommits } from "../redis/connect.ts";
import { eachOrUnavailable, orUnavailable } from "../redis/store-errors.ts";
import type { Check } from "./check.ts";
import { checkServer } from "./check-server.ts";
import { type FaultsLeft, writeDiagnosis } from "./diagnosis.ts";
import { examineLive } from "./examine.ts";
import type { Fault } from "./fault.ts";
import { type MendOutcome, mend } from "./mend.ts";
import { type Deployment, openElsewhere } from "./open-elsewhere.ts";
import { redisNow } from "./redis-now.ts";

/**
 * Looks after one partition, on a connection of its own that is not made anew: when it is lost, every operation throws
 * STORE_UNAVAILABLE from then on. One operation at a time.
 */
export interface Doctor {
  /** What the server must be, and whether anybody works on the partition. */
  checkServer(): Promise<Check[]>;
  /**
   * Everything that is wrong with what is kept, also while players come and go: told while the rest is still read, so
   * that no more than a part of it is ever in memory. Faults may be mended as they are told.
   *
   * @throws the signal's reason soon after it is aborted
   */
  examine(signal?: AbortSignal): AsyncIterable<Fault>;
  /** Repairs what can be repaired safely, if it is still there. */
  mend(fault: Fault): Promise<MendOutcome>;
  /** Keeps what is wrong now for who watches the system, as the monitor does. */
  tell(left: FaultsLeft): Promise<void>;
  close(): Promise<void>;
}

export interface DoctorOptions {
  url: string;
  partition: string;
  /** Whether this is the deployment's own partition. Absent: yes. */
  isHome?: boolean;
  /** Name of the connection in Redis' client list. */
  name: string;
  /** The local clock, to hold against that of Redis. */
  clock: Clock;
  queue(name: string): Queue | undefined;
  /** All partitions: where there are several, what players' claims and the others say is looked at too. */
  deployment?: Deployment;
  retention?: Partial<Retention>;
}

/** @throws MusterError STORE_UNAVAILABLE when Redis can't be reached */
export const openDoctor = async ({
  url,
  partition,
  name,
  clock,
  queue,
  ...options
}: DoctorOptions): Promise<Doctor> => {
  const connection = connectForCommits(url, name, partition);
  const keys = createKeys(partition);
  const retention = { ...DEFAULT_RETENTION, ...options.retention };
  await orUnavailable(() => connection.connect()).catch((error) => {
    connection.disconnect();
    throw error;
  });
  const { deployment } = options;
  const isOne = deployment === undefined || deployment.partitions.length === 1;
  const elsewhere = isOne ? undefined : await openElsewhere({ ...deployment, url, partition, name, clock });
  return {
    checkServer: () => orUnavailable(() => checkServer(connection, keys, clock, options.isHome ?? true)),
    examine: (signal) => eachOrUnavailable(examineLive({ redis: connection, keys, elsewhere }, signal)),
    mend: (fault) => orUnavailable(() => mend({ connection, keys, retention, queue, elsewhere }, fault)),
    tell: (left) => orUnavailable(async () => writeDiagnosis(connection, keys, left, await redisNow(connection))),
    close: async () => {
      connection.disconnect();
      await elsewhere?.close();
    },
  };
};
