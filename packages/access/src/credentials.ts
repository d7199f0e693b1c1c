import type { IncomingHttpHeaders } from "node:http";

/** What a WebSocket speaks; a client that sends its token as a subprotocol names this one first, and it is answered. */
export const SUBPROTOCOL = "muster.v1";
const BEARER = "bearer.";
/** Longer ones can't be good, and are not looked at. */
const MAX_CHARS = 4_096;

/**
 * The key or token that a call shows: `Authorization: Bearer …`, or where a browser can't set headers, a second
 * subprotocol of the WebSocket, `bearer.…`. Never the query: addresses stand in logs. Undefined: none.
 */
export const credentialOf = (headers: IncomingHttpHeaders): string | undefined => {
  const { authorization, "sec-websocket-protocol": protocols } = headers;
  const shown =
    /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ??
    protocols
      ?.split(",")
      .map((protocol) => protocol.trim())
      .find((protocol) => protocol.startsWith(BEARER))
      ?.slice(BEARER.length);
  return shown !== undefined && shown.length <= MAX_CHARS ? shown : undefined;
};
