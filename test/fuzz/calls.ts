import { once } from "node:events";
import { Agent, request } from "node:http";
import fc from "fast-check";
import { type JsonSchema, PLAYERS, spoilt, valid } from "./from-schema.ts";
import { nasty, nastyText, word } from "./nasty.ts";

/** Calls of every route that Muster has, made from its own description of them, right and wrong. */
export interface Call {
  method: string;
  /** `{ticket}` and `{match}` stand for ones that exist, if there are any. */
  path: string;
  body: string | undefined;
  headers: Record<string, string>;
}

export interface Answer {
  status: number;
  text: string;
}

const JSON_TYPE = "application/json";
interface Route {
  method: string;
  path: string;
  operation: Operation;
}
interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

/** What nginx leads elsewhere, or what only the description leaves out. */
const OTHER_ROUTES: [method: string, path: string][] = [
  ...["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/asyncapi.json", "/", "/monitor/snapshot"].map(
    (path): [string, string] => ["GET", path],
  ),
  ["GET", "/monitor/stream"],
  ["POST", "/monitor/tester"],
  ["GET", "/v1/realm"],
  ["GET", "/v1/play"],
  ["GET", "/v1/instant"],
  ["GET", "/v1/players/{player}/events"],
  ["GET", "/v1/{word}"],
  ["GET", "/{word}"],
];

/** @param credentials to show; the first is good for everything */
export const anyCall = ({ paths }: OpenApi, credentials: readonly string[]): fc.Arbitrary<Call> => {
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const others = OTHER_ROUTES.map(([method, path]) => ({ method, path, operation: {} }));
  const enqueues = described.filter(({ method, path }) => method === "POST" && /\/tickets(\/batch)?$/.test(path));
  const some = (routes: Route[]) =>
    fc.oneof(...routes.map(({ method, path, operation }) => callOf(method, path, operation, credentials)));
  // Most of what can be found deep inside needs tickets.
  return fc.oneof(
    { weight: 6, arbitrary: some(described) },
    { weight: 2, arbitrary: some(enqueues) },
    { weight: 2, arbitrary: some(plain(enqueues)) },
    { weight: 1, arbitrary: some(others) },
  );
};

/** The same calls with tickets of single players who say no more than they must, and perhaps one thing of the rest. */
const plain = (enqueues: Route[]): Route[] =>
  enqueues.map((route) => {
    const { schema } = route.operation.requestBody?.content[JSON_TYPE] ?? {};
    const ticket = schema?.properties?.tickets?.items ?? schema;
    const player = ticket?.properties?.players?.items;
    const { id = {}, elo = {}, position = {}, avgPingMs = {} } = player?.properties ?? {};
    const single: JsonSchema = {
      ...{ type: "object", required: ["players"] },
      properties: {
        players: {
          ...{ type: "array", minItems: 1, maxItems: 1 },
          items: { type: "object", required: ["id", "elo"], properties: { id, elo, position, avgPingMs } },
        },
      },
    };
    const body: JsonSchema = route.path.endsWith("/batch")
      ? {
          type: "object",
          required: ["tickets"],
          properties: { tickets: { type: "array", minItems: 1, items: single } },
        }
      : single;
    return { ...route, operation: { requestBody: { content: { [JSON_TYPE]: { schema: body } } } } };
  });

const callOf = (
  method: string,
  path: string,
  operation: Operation,
  credentials: readonly string[],
): fc.Arbitrary<Call> => {
  const schema = operation.requestBody?.content[JSON_TYPE]?.schema;
  const body = schema
    ? fc.oneof(
        { weight: 5, arbitrary: valid(schema).map(toJson) },
        { weight: 4, arbitrary: spoilt(schema).map(toJson) },
        { weight: 2, arbitrary: nastyText },
        { weight: 1, arbitrary: fc.constant(undefined) },
      )
    : fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, nastyText, nasty.map(toJson));
  const [best = "", ...rest] = credentials;
  return fc.record({
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant(method) },
      fc.constantFrom("PUT", "HEAD", "OPTIONS", "POST", "DELETE"),
    ),
    path: pathOf(path),
    body,
    headers: fc
      .record({
        type: fc.oneof(
          { weight: 9, arbitrary: fc.constant(JSON_TYPE) },
          fc.constantFrom("text/plain", "multipart/form-data", "application/json; charset=utf-16", ""),
        ),
        key: fc.option(
          fc.oneof(fc.stringMatching(/^[\x21-\x7e]{1,20}$/), fc.constantFrom("k1", "k2", "x".repeat(256))),
          {
            freq: 3,
          },
        ),
        credential: fc.oneof(
          { weight: 8, arbitrary: fc.constant(best) },
          { weight: 2, arbitrary: fc.constantFrom(...rest) },
          fc.constantFrom("", "mk_00000000_x", "a.b.c", "x".repeat(5_000), "eyJhbGciOiJub25lIn0.e30."),
        ),
        requestId: fc.option(fc.constantFrom("x".repeat(100), "trace-1", "a b"), { freq: 5 }),
      })
      .map(({ type, key, credential, requestId }) => ({
        ...(type !== "" && { "content-type": type }),
        ...(key !== null && { "idempotency-key": key }),
        ...(credential !== "" && { authorization: `Bearer ${credential}` }),
        ...(requestId !== null && { "x-request-id": requestId }),
      })),
  });
};

/** undefined, and what JSON can't say, are no body. */
const toJson = (value: unknown): string | undefined => JSON.stringify(value);

const QUEUES = fc.constantFrom("duel", "duel", "team", "ranked", "trinity", "hunt", "lobby", "instant", "none");

/** A route's path with something in place of each parameter, and in some of its letters written as numbers. */
const pathOf = (route: string): fc.Arbitrary<string> => {
  const parts = route.split(/(\{[a-z]+\})/).map((part): fc.Arbitrary<string> => {
    const odd = word.map((text) => encodeURIComponent(text.toWellFormed()));
    const mostly = (good: fc.Arbitrary<string>) => fc.oneof({ weight: 5, arbitrary: good }, odd);
    switch (part) {
      case "{queue}":
        return mostly(QUEUES);
      case "{player}":
        return mostly(fc.integer({ min: 0, max: PLAYERS - 1 }).map((n) => `p${n}`));
      case "{ticket}":
      case "{match}":
        return mostly(fc.constant(part));
      case "{word}":
        return odd;
      default:
        return fc.constant(part);
    }
  });
  const query = fc.oneof(
    { weight: 9, arbitrary: fc.constant("") },
    word.map((text) => `?a=${encodeURIComponent(text.toWellFormed())}`),
  );
  return fc
    .tuple(fc.tuple(...parts), query, fc.option(fc.nat({ max: 30 }), { freq: 8 }))
    .map(
      ([pieces, after, numbered]) =>
        pieces.map((piece, at) => (at === 0 ? inNumbers(piece, numbered) : piece)).join("") + after,
    );
};

/** With the letter at a place written as %76: the same path to whoever reads paths rightly. */
const inNumbers = (text: string, at: number | null): string => {
  const letter = at === null ? undefined : text[at];
  if (letter === undefined || !/[a-z]/.test(letter)) return text;
  return `${text.slice(0, at ?? 0)}%${letter.charCodeAt(0).toString(16)}${text.slice((at ?? 0) + 1)}`;
};

const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const LIMIT_MS = 20_000;
/** An answer that has no end is left when it has begun. */
const ENDLESS = /event-stream/;

/** @throws when there is no answer */
export const send = async (url: string, { method, path, body, headers }: Call): Promise<Answer> => {
  const { hostname, port } = new URL(url);
  const sent = request({
    ...{ hostname, port, agent, method, path, signal: AbortSignal.timeout(LIMIT_MS) },
    headers: { ...headers, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) },
  });
  sent.end(body);
  const [response] = await once(sent, "response");
  if (ENDLESS.test(response.headers["content-type"] ?? "")) {
    response.destroy();
    return { status: response.statusCode, text: "" };
  }
  const chunks: Buffer[] = await response.toArray();
  return { status: response.statusCode, text: Buffer.concat(chunks).toString() };
};

export const closeCalls = (): void => agent.destroy();
