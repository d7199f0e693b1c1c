import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A page that is complete in itself, and the policy under which exactly its own style and script may run. */
export interface Page {
  html: string;
  contentSecurityPolicy: string;
}

const FILE = new URL("./page.html", import.meta.url);

export const loadPage = async (): Promise<Page> => toPage(await readFile(FILE, "utf8"));

export const toPage = (html: string): Page => ({
  html,
  contentSecurityPolicy: [
    "default-src 'none'",
    `style-src ${hashes(html, "style")}`,
    `script-src ${hashes(html, "script")}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
});

/** A browser hashes what stands between the tags, to the byte. */
const hashes = (html: string, tag: "style" | "script"): string => {
  const blocks = [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))];
  const sources = blocks.map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return sources.join(" ") || "'none'";
};
