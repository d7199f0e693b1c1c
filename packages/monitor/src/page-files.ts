import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../page", import.meta.url));
const BUILT = join(ROOT, "dist");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageFile {
  body: Buffer;
  type: string;
  /** Its name tells its content, so that it never changes. */
  immutable: boolean;
}

/** The page, by path: built when it is missing or older than its sources, where there is something to build it with. */
export const loadPage = async (): Promise<ReadonlyMap<string, PageFile>> => {
  if (await isStale()) await buildPage();
  const files = new Map<string, PageFile>();
  for (const file of await filesOf(BUILT)) {
    const path = `/${relative(BUILT, file)}`;
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const page = { body: await readFile(file), type, immutable: path.startsWith("/assets/") };
    files.set(path === "/index.html" ? "/" : path, page);
  }
  return files;
};

const isStale = async (): Promise<boolean> => {
  const builtAt = await newest([join(BUILT, "index.html")]);
  const sources = await Promise.all(["src", "public"].map((folder) => filesOf(join(ROOT, folder))));
  return builtAt < (await newest([join(ROOT, "index.html"), ...sources.flat()]));
};

/** Others may do the same at the same time, as in tests: each builds its own, and the last one's stays. */
const buildPage = async (): Promise<void> => {
  const { build } = await import("vite");
  const fresh = `${BUILT}-${process.pid}`;
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { outDir: fresh, emptyOutDir: true, target: "es2023", modulePreload: { polyfill: false } },
  });
  await rm(BUILT, { recursive: true, force: true });
  await rename(fresh, BUILT).catch(() => rm(fresh, { recursive: true, force: true }));
};

const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

/** When the newest of the files was written, ms since the epoch; 0 when there is none. */
const newest = async (files: readonly string[]): Promise<number> => {
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...times);
};
