/** Serves the two files of the page. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { PORT = "8092" } = process.env;
const FILES = new Map([
  ["/", ["lobby.html", "text/html; charset=utf-8"]],
  ["/lobby.js", ["lobby.js", "text/javascript"]],
]);

const server = createServer(async (request, response) => {
  const [file, type] = FILES.get(new URL(request.url ?? "/", "http://page").pathname) ?? [];
  if (file === undefined) return void response.writeHead(404).end("There is no such file.\n");
  response.writeHead(200, { "content-type": type }).end(await readFile(new URL(file, import.meta.url)));
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
