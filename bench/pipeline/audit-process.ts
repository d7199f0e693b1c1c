/** Looks at its share of a partition whose players rest. */
import { connect, createKeys, disconnect } from "@muster/store";
import { findInconsistencies } from "@muster/store/testing";
import { answerCalls, type Calls } from "../child.ts";
import { READ_LIMIT_MS } from "./audit.ts";

export interface AuditCalls extends Calls {
  /** What is inconsistent in the `nth` of so many shares, counted from 0. */
  find(order: { redisUrl: string; partition: string; nth: number; shares: number }): Promise<string[]>;
}

answerCalls({
  async find({ redisUrl, partition, nth, shares }) {
    const redis = connect(redisUrl, "bench-audit", partition);
    redis.options.commandTimeout = READ_LIMIT_MS;
    await redis.connect();
    try {
      return await findInconsistencies(redis, createKeys(partition), (id) => shareOf(id, shares) === nth);
    } finally {
      await disconnect(redis);
    }
  },
} satisfies AuditCalls as Calls);

/** Ids end in a digit that counts, or in a letter that was drawn. */
const shareOf = (id: string, shares: number): number => id.charCodeAt(id.length - 1) % shares;
