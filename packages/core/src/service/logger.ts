import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/** What lets somebody in, or tells who does what for whom: never in a log, wherever in an entry it stands. */
const SECRETS = [
  ...["authorization", "sec-websocket-protocol", "idempotency-key", "x-muster-admin-key", "cookie"],
  ...["password", "secret", "token", "credential", "apiKey", "adminKey", "privateKey"],
];
/** In the entry itself, in what it holds (`headers.authorization`), and in what that holds (`request.headers.…`). */
const DEPTHS = ["", "*", "*.*"];
/** An error of ioredis names the command that failed; that of AUTH, and of a ticket, holds what is nobody's business. */
const COMMAND = "err.command.args";

/**
 * @param to where lines go; absent: standard output
 */
export const createLogger = (role: string, name: string, level: string, to?: DestinationStream): Logger => {
  const paths = SECRETS.flatMap((secret) => DEPTHS.map((depth) => `${depth}["${secret}"]`));
  const options = {
    level,
    base: { role, name },
    redact: [...paths, COMMAND],
    serializers: { url: (url: unknown) => (typeof url === "string" ? withoutQuery(url) : url) },
  };
  return to ? pino(options, to) : pino(options);
};

/** An address with the names of its parameters, not with what they hold: some clients put a token there. */
export const withoutQuery = (url: string): string =>
  url.replace(/\?.*$/s, (query) => query.replaceAll(/=[^&]*/g, "=[Redacted]"));

export const silentLogger: Logger = pino({ level: "silent" });
