import { ERRORS } from "@muster/core";

/** As much of an OpenAPI document as the reference tells. */
export interface ApiDocument {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  summary?: string;
  description?: string;
  tags?: readonly string[];
  parameters?: readonly { name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { description?: string; content: Readonly<Record<string, Media>> };
  responses: Readonly<Record<string, { content?: Readonly<Record<string, Media>> }>>;
}
interface Media {
  schema: Schema;
  example?: unknown;
  examples?: Readonly<Record<string, { value: unknown }>>;
}
interface Schema {
  type?: string;
  description?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  patternProperties?: Readonly<Record<string, Schema>>;
}

/** Of the chapters, in their order. */
const TITLES: Readonly<Record<string, string>> = {
  tickets: "Tickets",
  players: "Players",
  matches: "Matches",
  queues: "Queues",
};

/**
 * The HTTP API for people, in Markdown: every call with its parameters, body, answer and errors.
 *
 * @param document what `/openapi.json` answers
 */
export const apiReference = (document: ApiDocument): string => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation })),
  );
  const known = Object.keys(TITLES);
  const found = new Set(operations.map(({ operation }) => operation.tags?.[0] ?? "more"));
  const tags = [...known.filter((tag) => found.has(tag)), ...[...found].filter((tag) => !known.includes(tag))];
  /** Which call told a shape first. */
  const told = new Map<string, string>();
  const chapters = tags.flatMap((tag) => [
    `## ${TITLES[tag] ?? tag}`,
    ...operations
      .filter(({ operation }) => (operation.tags?.[0] ?? "more") === tag)
      .flatMap(({ call, operation }) => chapterOf(call, operation, told)),
  ]);
  return `${[...HEAD, ...chapters, ...errorTable()].join("\n\n")}\n`;
};

const HEAD = [
  "# API reference",
  "Made from a running Muster's `/openapi.json` by `npm run build:api`; that document has every bound and pattern, and `/docs` is\nit as a page. What the WebSockets speak is in `/asyncapi.json`.",
  "Bodies are JSON, and so are answers. Where keys are in use each call shows one: `Authorization: Bearer …`. Times are ms since\nthe epoch. Every call may be repeated: an enqueue with the same `Idempotency-Key`, the others as they are.",
];

const chapterOf = (call: string, operation: Operation, told: Map<string, string>): string[] => {
  const { summary = "", description, parameters = [], requestBody, responses } = operation;
  const headers = parameters.filter((parameter) => parameter.in !== "path");
  const body = Object.values(requestBody?.content ?? {})[0];
  const [status = "", answer] = Object.entries(responses).find(([code]) => code.startsWith("2")) ?? [];
  const errors = Object.keys(responses).filter((code) => !code.startsWith("2"));
  return [
    `### \`${call}\``,
    [summary, description].filter(Boolean).join(". ").replace(/[^.]$/, "$&."),
    ...headers.map(({ name, in: where, description: about = "" }) => `\`${name}\` (${where}, optional): ${about}`),
    ...(body ? shapeOf("Body", body.schema, call, told) : []),
    ...(body ? examplesOf(body).map((example) => `\`\`\`json\n${JSON.stringify(example)}\n\`\`\``) : []),
    ...shapeOf(`Answer ${status}`, Object.values(answer?.content ?? {})[0]?.schema, call, told),
    ...(errors.length > 0 ? [`Errors: ${errors.join(", ")}.`] : []),
  ];
};

const examplesOf = ({ example, examples = {} }: Media): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(({ value }) => value),
];

/** More values than these fill no cell: the errors' codes, which have a table of their own. */
const MOST_VALUES = 8;
/** Shapes with fewer fields are told again: who must look them up has lost more than a line. */
const FEW_FIELDS = 4;

/** A shape as a table of its fields; one that another call told, by that call's name. */
const shapeOf = (title: string, schema: Schema | undefined, call: string, told: Map<string, string>): string[] => {
  if (!schema) return [];
  const where = `[\`${call}\`](#${anchorOf(call)})`;
  const before = told.get(identityOf(schema));
  if (before !== undefined) return [`${title}: as ${before}.`];
  told.set(identityOf(schema), `the ${title.startsWith("Body") ? "body" : "answer"} of ${where}`);
  const rows = fieldsOf(schema, "", where, told);
  if (rows.length === 0) return [`${title}: ${typeOf(schema)}.`];
  return [`${title}:`, ["| field | is | |", "|---|---|---|", ...rows].join("\n")];
};

/** Rows of a schema's fields, those within after the one that holds them: `players[].elo`. */
const fieldsOf = (schema: Schema, path: string, where: string, told: Map<string, string>): string[] => {
  if (schema.items) return fieldsOf(schema.items, `${path}[]`, where, told);
  if (schema.anyOf) return [...new Set(schema.anyOf.flatMap((each) => fieldsOf(each, path, where, told)))];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = path === "" ? name : `${path}.${name}`;
    const optional = schema.required?.includes(name) ? "" : ", optional";
    const inner = field.items ?? field;
    const isLarge = Object.keys(inner.properties ?? {}).length >= FEW_FIELDS;
    const identity = identityOf(inner);
    const before = isLarge ? told.get(identity) : undefined;
    const about = [field.description, before && `As ${before}.`].filter(Boolean).join(" ");
    const row = `| \`${here}\` | ${typeOf(field)}${optional} | ${cell(about)} |`;
    if (before !== undefined) return [row];
    if (isLarge) {
      told.set(identity, `\`${here}${field.items ? "[]" : ""}\` of ${where}`);
    }
    return [row, ...fieldsOf(field, here, where, told)];
  });
};

/** The same for the same fields, whatever is said about the whole. */
const identityOf = (schema: Schema): string =>
  JSON.stringify({ ...schema, description: undefined, title: undefined, examples: undefined, example: undefined });

const typeOf = (schema: Schema): string => {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum && schema.enum.length > MOST_VALUES) return `one of ${schema.enum.length} words`;
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeOf(schema.items) : "anything"}`;
  if (schema.type === "object") return valuesOf(schema) ?? "object";
  if (schema.type === "number" || schema.type === "integer") return numberOf(schema);
  return schema.type ?? "anything";
};

const valuesOf = ({ additionalProperties, patternProperties }: Schema): string | undefined => {
  const values =
    typeof additionalProperties === "object" ? additionalProperties : Object.values(patternProperties ?? {})[0];
  return values && `object of ${typeOf(values)}`;
};

const numberOf = ({ type = "", minimum, maximum }: Schema): string => {
  if (minimum !== undefined && maximum !== undefined) return `${type}, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${type}, ${minimum} or more`;
  return type;
};

/** What would end a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** As GitHub makes them of headings. */
const anchorOf = (call: string): string =>
  call
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, "")
    .replaceAll(" ", "-");

const errorTable = (): string[] => [
  "## Errors",
  "`application/problem+json`, with a stable `code`; `detail` says what is wrong here and what to do next, `field` which field is\nat fault. What may succeed later says when: `Retry-After`.",
  [
    "| code | status | | again? |",
    "|---|---|---|---|",
    ...Object.entries(ERRORS).map(
      ([code, { status, title, retryable }]) => `| \`${code}\` | ${status} | ${title} | ${retryable ? "yes" : ""} |`,
    ),
  ].join("\n"),
];
