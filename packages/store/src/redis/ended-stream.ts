import { Socket } from "node:net";

/**
 * What a connector hands over where it finds no server, together with its `firstError`. Must not throw instead: ioredis
 * asks a connector that threw never again, and the connection is lost for good. After a stream that ended it asks again as
 * its retryStrategy says.
 */
export const endedStream = (): Socket => new Socket().destroy();
