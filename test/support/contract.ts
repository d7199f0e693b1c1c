import { createRequire } from "node:module";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

/** An OpenAPI document as far as a check of answers needs it. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object };
}
interface Operation {
  security?: object[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Media {
  schema: { examples?: unknown[] };
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}

export interface Contract {
  /** @returns what is wrong with an answer, in words; undefined when the document describes it */
  faultOf(method: string, path: string, answer: { status: number; type: string; body: unknown }): string | undefined;
  /** Operations as `POST /v1/x/{id}` that answered with success so far, and all that there are. */
  readonly seen: ReadonlySet<string>;
  readonly all: readonly string[];
}

/** Holds answers against an OpenAPI document: route, status, content type and body. */
export const readContract = (document: OpenApi): Contract => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const compiled = new Map<object, ValidateFunction>();
  const check = (schema: object) => {
    const known = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, known);
    return known;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      expression: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
      operation,
    })),
  );
  const seen = new Set<string>();
  return {
    seen,
    all: operations.map(({ name }) => name),
    faultOf: (method, path, { status, type, body }) => {
      const found = operations.find((each) => each.method === method && each.expression.test(path));
      if (!found) return `${method} ${path} is not described`;
      const described = found.operation.responses[status];
      if (!described) return `${found.name} answered ${status}, which is not described`;
      const [contentType = "", content] = Object.entries(described.content ?? {})[0] ?? [];
      if (!content) return `${found.name} ${status} is described without a body`;
      if (!type.startsWith(contentType)) return `${found.name} ${status} came as ${type}, not ${contentType}`;
      const validate = check(content.schema);
      if (!validate(body)) return `${found.name} ${status}: ${ajv.errorsText(validate.errors)}`;
      if (status < 300) seen.add(found.name);
      return undefined;
    },
  };
};

/** @returns what is wrong with a document's examples: bodies without one, and those that their own schema refuses */
export const faultsOfExamples = ({ paths }: OpenApi): string[] => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const check = (name: string, media: Media): string[] => {
    const validate = ajv.compile(media.schema);
    return examplesOf(media).flatMap((example) =>
      validate(example) ? [] : [`${name}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(example)}`],
    );
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, responses }]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const bodies = Object.values(requestBody?.content ?? {});
      const without = bodies.some((body) => examplesOf(body).length === 0) ? [`${name}: no example of its body`] : [];
      const answers = Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.values(content).flatMap((media) => [
          ...(examplesOf(media).length === 0 ? [`${name} ${status}: no example of its answer`] : []),
          ...check(`${name} ${status}`, media),
        ]),
      );
      return [...without, ...bodies.flatMap((body) => check(name, body)), ...answers];
    }),
  );
};

/** Some stand in the schema, others were lifted out of it, where OpenAPI wants them. */
const examplesOf = ({ schema, example, examples = {} }: Media): unknown[] => [
  ...(schema.examples ?? []),
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(({ value }) => value),
];

/** @returns the first example of an operation's body; undefined when it takes none */
export const bodyFor = ({ requestBody }: Pick<Operation, "requestBody">): unknown => {
  const [media] = Object.values(requestBody?.content ?? {});
  return media && examplesOf(media)[0];
};

interface AsyncApi {
  channels: Record<
    string,
    { address: string; messages: Record<string, { payload: object; examples?: { payload: object }[] }> }
  >;
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
}

/** @returns what is wrong with an AsyncAPI document by the specification's own schema; empty: nothing */
export const faultsOfAsyncApi = (document: unknown): string => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0-without-$id.json"));
  return validate(document) ? "" : ajv.errorsText(validate.errors);
};

/** @returns what is wrong with the examples of frames: frames without one, and those that their own schema refuses */
export const faultsOfFrameExamples = ({ channels }: AsyncApi): string[] => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return Object.values(channels).flatMap(({ address, messages }) =>
    Object.entries(messages).flatMap(([name, { payload, examples = [] }]) => {
      const validate = ajv.compile(payload);
      const wrong = examples.filter((example) => !validate(example.payload));
      const without = examples.length === 0 ? [`${address} ${name}: no example`] : [];
      return [...without, ...wrong.map((example) => `${address} ${name}: ${JSON.stringify(example.payload)}`)];
    }),
  );
};

/** @returns the examples of all frames that a client sends on a route, in order */
export const examplesFor = ({ channels, operations }: AsyncApi, address: string): object[] => {
  const [name = "", channel] = Object.entries(channels).find(([, each]) => each.address === address) ?? [];
  const received = operations[`${name}Requests`]?.messages ?? [];
  return received.flatMap(({ $ref }) => {
    const message = channel?.messages[$ref.slice($ref.lastIndexOf("/") + 1)];
    return (message?.examples ?? []).map(({ payload }) => payload);
  });
};

/** @returns for a route what checks a frame that the server sent: undefined when the document describes it */
export const readReplies = ({ channels, operations }: AsyncApi, address: string) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const [name = "", channel] = Object.entries(channels).find(([, each]) => each.address === address) ?? [];
  const sent = operations[`${name}Replies`]?.messages.map(({ $ref }) => $ref.slice($ref.lastIndexOf("/") + 1)) ?? [];
  const checks = sent.map((message) => [message, ajv.compile(channel?.messages[message]?.payload ?? false)] as const);
  const seen = new Set<string>();
  return {
    seen,
    sent,
    faultOf: (frame: unknown): string | undefined => {
      const found = checks.find(([, check]) => check(frame));
      if (found) seen.add(found[0]);
      return found ? undefined : `${address} sent what it doesn't describe: ${JSON.stringify(frame)}`;
    },
  };
};
