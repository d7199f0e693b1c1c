import type { ServerResponse } from "node:http";
import { type Access, type Caller, requireSelf } from "@muster/access";
import { type Clock, ID_RULE, isId, MusterError } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { FastifyInstance } from "fastify";
import { mayBeSeen } from "./seen-version.ts";
import { MAX_BUFFERED_BYTES, type Watcher, type WatchRegistry } from "./watch-registry.ts";

export const HEARTBEAT_EVERY_MS = 15_000;
/** A browser whose stream ended comes back after this long. */
const RETRY_MS = 1_000;

/**
 * All event streams of single players: `GET /v1/players/:id/events`.
 *
 * They are written by hand rather than with @fastify/sse 0.6: that one leaves out an id of 0 (a player who was never
 * seen), buffers for a slow reader without bound and with two more listeners for each event, keeps a timer for each
 * stream, and refuses with a body that is no problem+json.
 */
export interface PlayerEvents {
  readonly count: number;
  addRoutes(app: FastifyInstance): void;
  /** Ends all streams. */
  close(): void;
}

export const openPlayerEvents = ({
  watches,
  isGood,
  clock,
  log,
}: {
  watches: WatchRegistry;
  isGood: Access["isGood"];
  clock: Clock;
  log: Logger;
}): PlayerEvents => {
  const streams = new Map<ServerResponse, Caller>();

  const beats = setInterval(() => {
    for (const [stream, caller] of streams) {
      if (isGood(caller)) stream.write(": still here\n\n");
      else stream.end();
    }
  }, HEARTBEAT_EVERY_MS).unref();

  const open = (stream: ServerResponse, caller: Caller, player: string, after: number) => {
    const watcher: Watcher = {
      deliver: (_player, version, frame) => {
        if (version <= after) return;
        if (stream.writableLength > MAX_BUFFERED_BYTES) {
          log.warn({ player }, "a reader of events that was too slow was cut off; it may connect again");
          watches.unwatch(watcher, [player]);
          stream.destroy();
        } else {
          stream.write(`event: state\nid: ${version}\ndata: ${frame}\n\n`);
        }
      },
    };
    stream.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // nginx passes each event on at once.
      "x-accel-buffering": "no",
    });
    stream.write(`retry: ${RETRY_MS}\n\n`);
    streams.set(stream, caller);
    stream.on("error", () => {});
    stream.on("close", () => {
      streams.delete(stream);
      watches.unwatch(watcher, [player]);
    });
    watches.watch(watcher, [player], new Map([[player, after]]));
  };

  return {
    get count() {
      return streams.size;
    },
    addRoutes: (app) =>
      void app.get<{ Params: { id: string } }>(
        "/v1/players/:id/events",
        { exposeHeadRoute: false },
        (request, reply) => {
          const { id } = request.params;
          if (!isId(id)) {
            throw new MusterError("INVALID", `id ${ID_RULE}.`, { faults: [{ field: "id", message: ID_RULE }] });
          }
          requireSelf(request.caller, id);
          reply.hijack();
          open(reply.raw, request.caller, id, versionSeen(request.headers["last-event-id"], clock));
        },
      ),
    close: () => {
      clearInterval(beats);
      for (const stream of streams.keys()) stream.end();
    },
  };
};

/** The version that a reader who comes back saw last; lower than all when it comes for the first time. */
const versionSeen = (lastEventId: string | string[] | undefined, clock: Clock): number => {
  const text = String(lastEventId);
  return /^\d{1,16}$/.test(text) && mayBeSeen(Number(text), clock) ? Number(text) : -1;
};
