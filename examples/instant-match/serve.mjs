/**
 * Serves the page of this example, and the sources of @muster/client with their types stripped, so that the browser runs
 * the very client that ships. Only what stands below is ever sent.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { stripTypeScriptTypes } from "node:module";

const { PORT = "8090", MUSTER_URL = "http://127.0.0.1:8080" } = process.env;

/** Where the browser's paths are on disk. */
const SOURCES = /^\/(client|core)\/([a-z0-9/-]+\.ts)$/;
const packages = new URL("../../packages/", import.meta.url);

/** @param {string} path */
async function answerTo(path) {
  if (path === "/") {
    const page = await readFile(new URL("page.html", import.meta.url), "utf8");
    return { type: "text/html; charset=utf-8", body: page.replace("MUSTER_URL", encodeURI(MUSTER_URL)) };
  }
  if (path === "/page.js") {
    return { type: "text/javascript", body: await readFile(new URL("page.js", import.meta.url), "utf8") };
  }
  const [, name, file] = SOURCES.exec(path) ?? [];
  if (name === undefined) return undefined;
  const source = await readFile(new URL(`${name}/src/${file}`, packages), "utf8").catch(() => undefined);
  return source === undefined ? undefined : { type: "text/javascript", body: stripTypeScriptTypes(source) };
}

const server = createServer(async (request, response) => {
  const answer = await answerTo(new URL(request.url ?? "/", "http://page").pathname);
  if (answer) response.writeHead(200, { "content-type": answer.type, "cache-control": "no-store" }).end(answer.body);
  else response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.\n");
});

server.listen(Number(PORT), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}`);
});
