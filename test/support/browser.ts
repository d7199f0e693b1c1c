import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The machine's own Chromium. */
export const openBrowser = (): Promise<Browser> => {
  const executablePath = BROWSERS.find(existsSync);
  return chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] });
};
