import type { Service } from "@muster/core/service";
import { startApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { loadPage } from "./page.ts";

/** The monitor. So far it serves one page that shows each queue's depth; it needs neither Redis nor other services. */
export const monitor: Service<Config> = {
  role: "monitor",
  readConfig,
  start: async (config) => startApp({ host: config.MUSTER_HOST, port: config.MUSTER_PORT, page: await loadPage() }),
};
