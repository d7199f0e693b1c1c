import fc from "fast-check";

/** What has broken programs before. */
const WORDS = [
  ...[
    "__proto__",
    "constructor",
    "toString",
    "",
    " ",
    "\u0000",
    "\r\nX: 1",
    "../../etc",
    "{main}:x",
    "%00",
    "🙂",
    "\ud800",
  ],
  ...[
    "a".repeat(65),
    "a".repeat(10_000),
    "ann",
    "t_1",
    "m_1",
    "duel",
    "team",
    "instant",
    "null",
    "-1",
    "1e400",
    "*",
    "?",
  ],
];
export const word = fc.oneof(fc.constantFrom(...WORDS), fc.string(), fc.string({ unit: "binary" }));
const numbers = fc.oneof(
  fc.constantFrom(0, -1, 1e308, -1e308, 1e21, 2 ** 53, 0.1, Number.MIN_VALUE),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const DEPTH_MAX = 3_000;
const nested = (depth: number): object => {
  let value: object = {};
  for (let n = 0; n < depth; n += 1) value = n % 2 ? [value] : { a: value };
  return value;
};
const protoOf = (value: unknown): unknown =>
  JSON.parse(`{"__proto__":${JSON.stringify(value)},"constructor":{"prototype":1}}`);

/** As a part of what is sent as JSON. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  word,
  numbers,
  fc.constantFrom(null, true, [], {}),
  fc.integer({ min: 1, max: 300 }).map(nested),
  word.map(protoOf),
  fc.array(word, { maxLength: 50 }),
  fc.jsonValue(),
);

/** As a whole body or frame: JSON or not. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.json(),
  fc.integer({ min: 1, max: DEPTH_MAX }).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
  fc.integer({ min: 1, max: DEPTH_MAX }).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
  fc.integer({ min: 1, max: DEPTH_MAX }).map((depth) => '{"a":['.repeat(depth)),
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);
