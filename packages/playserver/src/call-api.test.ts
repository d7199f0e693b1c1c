import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createCallApi } from "./call-api.ts";

it("calls as the player who asked, under the name of its connection, and hands on what is answered", async () => {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(409, { "content-type": "application/json" }).end('{"code":"PLAYER_BUSY"}');
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const call = createCallApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const answer = await call("POST", "/v1/queues/duel/tickets", {}, { credential: "abc", requestId: "r1" });
  expect(answer).toEqual({ status: 409, body: { code: "PLAYER_BUSY" } });
  await call("DELETE", "/v1/tickets/t_1", undefined, { requestId: "r2" });
  expect(
    asked.map(({ method, url, headers }) => [method, url, headers["x-request-id"], headers.authorization]),
  ).toEqual([
    ["POST", "/v1/queues/duel/tickets", "r1", "Bearer abc"],
    ["DELETE", "/v1/tickets/t_1", "r2", undefined],
  ]);
});

it("answers for an API that doesn't", async () => {
  const call = createCallApi("http://127.0.0.1:1");
  const answer = await call("DELETE", "/v1/tickets/t_1", undefined, { requestId: "r1" });
  expect(answer).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE", retryAfterS: 1 } });
});
