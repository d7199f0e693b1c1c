import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";

/**
 * Fastify's serializers, each compiled when its first answer goes out. To compile those of all routes for all their
 * statuses, most of which a process never answers with, took a third of its start.
 */
export const buildLazySerializer: ReturnType<typeof SerializerSelector> = (externalSchemas, options) => {
  const compile = SerializerSelector()(externalSchemas, options);
  return (route) => {
    let serialize: ReturnType<typeof compile> | undefined;
    return (answer) => {
      serialize ??= compile(route);
      return serialize(answer);
    };
  };
};
