import { connect } from "node:net";
import fc from "fast-check";

/** Bytes that are no HTTP, or hardly, sent over bare TCP. */
const LIMIT_MS = 15_000;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((each) => Buffer.from(each).toString("latin1"));
const method = fc.oneof(fc.constantFrom("GET", "POST", "TRACE", "CONNECT", "get", "PRI"), bytes(8));
const target = fc.oneof(
  fc.constantFrom(
    "/",
    "*",
    "/v1/realm",
    "http://x/v1/queues",
    "//v1//queues",
    "/v1/../metrics",
    "/%2e%2e/%00",
    "/v1/players/\xff",
  ),
  bytes(40),
);
const version = fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/2.0", "HTP/1", "");
const header = fc.oneof(
  fc.constantFrom(
    ...["Host: x", "Host: ", "Connection: upgrade", "Upgrade: websocket", "Upgrade: h2c", "Expect: 100-continue"],
    ...[
      "Content-Length: -1",
      "Content-Length: 5",
      "Content-Length: 99999999999999999999",
      "Content-Length: 1\r\nContent-Length: 2",
    ],
    ...[
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding:\u000bchunked",
      "Sec-WebSocket-Version: 13",
    ],
    ...[
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Version: 99",
      `X: ${"y".repeat(9_000)}`,
      " folded: 1",
    ],
  ),
  bytes(60),
);
const end = fc.constantFrom("\r\n", "\n", "\r");

export const rawBytes: fc.Arbitrary<string> = fc.oneof(
  bytes(2_000),
  fc
    .tuple(method, target, version, fc.array(header, { maxLength: 8 }), end, bytes(200))
    .map(([verb, path, spoken, headers, eol, body]) =>
      [`${verb} ${path} ${spoken}`, ...headers, "Connection: close", "", body].join(eol),
    ),
  // Frames that are none, behind a handshake that is one.
  bytes(500).map((frames) =>
    [
      ...[
        "GET /v1/realm HTTP/1.1",
        "Host: x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
      ],
      ...["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", frames],
    ].join("\r\n"),
  ),
);

/**
 * Sends bytes and ends its side.
 *
 * @returns the status of each answer; an end without one is fine too
 * @throws when the server keeps the connection open all the same
 */
export const sendRaw = (port: number, text: string): Promise<number[]> =>
  new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect({ host: "127.0.0.1", port }, () => socket.end(Buffer.from(text, "latin1")));
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stays open after ${JSON.stringify(text.slice(0, 200))}`));
    }, LIMIT_MS);
    socket.on("data", (data) => {
      heard += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(limit);
      resolve([...heard.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status)));
    });
  });
