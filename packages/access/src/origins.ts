import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { MusterError } from "@muster/core";
import { isLoopback } from "@muster/core/service";
import { Type } from "typebox";

/** What services that pages may call read from the environment. */
export const originSettings = {
  MUSTER_ALLOWED_ORIGINS: Type.Optional(
    Type.String({
      pattern: "^https?://[^/,\\s]+(,https?://[^/,\\s]+)*$",
      description:
        "Pages that may connect, as https://game.example,https://play.example. Absent: with keys any, without only those of this address and of loopback.",
    }),
  ),
};

/** @throws MusterError FORBIDDEN for a page that may not call */
export type RequireOrigin = (headers: Pick<IncomingHttpHeaders, "origin" | "host">) => void;

/**
 * Whether a page may call. A browser says of each WebSocket, and of each call that changes something, which page it comes
 * from; whatever else calls says nothing, and may. Where keys are in use a page needs one of them; where none are, any
 * page that somebody opens on this machine could play with what listens on loopback, so it must be of this address or of
 * this machine. An address by name doesn't count as this one: its owner can let it lead anywhere, as DNS rebinding does.
 *
 * @param allowed origins, separated by commas
 */
export const createOriginRule = (allowed: string | undefined, hasKeys: boolean): RequireOrigin => {
  const known = new Set(allowed?.split(",").map((origin) => URL.parse(origin)?.origin));
  return ({ origin, host }) => {
    if (origin === undefined || known.has(origin) || (hasKeys && allowed === undefined)) return;
    const page = URL.parse(origin);
    if (page && isLoopback(page.hostname.replace(/^\[|\]$/g, ""))) return;
    if (page && page.host === host && (hasKeys || isIP(page.hostname.replace(/^\[|\]$/g, "")) !== 0)) return;
    throw new MusterError(
      "FORBIDDEN",
      `Pages of ${JSON.stringify(origin.slice(0, 200))} may not call here. Name them in MUSTER_ALLOWED_ORIGINS to let them.`,
      { faults: [{ field: "Origin", message: "is not allowed here" }] },
    );
  };
};
