import { isIP } from "node:net";

/** The TLS option that tells a server which of its names is meant; none for an address, which is no name (RFC 6066). */
export const serverName = (host: string): { servername?: string } => (isIP(host) ? {} : { servername: host });
