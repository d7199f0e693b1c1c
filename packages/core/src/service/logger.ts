import { type Logger, pino } from "pino";

export type { Logger };

export const createLogger = (role: string, name: string, level: string): Logger =>
  pino({ level, base: { role, name } });

export const silentLogger: Logger = pino({ level: "silent" });
