import { type SentinelConnectionOptions, SentinelConnector } from "ioredis";
import { endedStream } from "./ended-stream.ts";

/**
 * Asks each sentinel once where the master is. ioredis' own asks until one answers: whoever awaits the connection would wait
 * as long as all sentinels are away, rather than be told that Redis can't be used.
 */
export class OnceThroughSentinels extends SentinelConnector {
  /** @param options those of the connection, as ioredis hands them to whatever connector it is given */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override async connect(...args: Parameters<SentinelConnector["connect"]>) {
    delete this.firstError;
    try {
      return await super.connect(...args);
    } catch (error) {
      // ioredis says so by disconnect(), which may come while we ask.
      if (!this.connecting) throw error;
      this.firstError = error instanceof Error ? error : new Error(String(error));
      return endedStream();
    }
  }
}
