import { openToAnyone } from "@muster/access";
import { createMetrics, silentLogger, systemIds } from "@muster/core/service";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../app.ts";
import type { ApiContext } from "../context.ts";

/** The API as it is built, but that everybody may call and nobody is searched for; what is given comes instead. */
export const buildTestApp = (
  given: Pick<ApiContext, "store" | "queues"> & Partial<ApiContext>,
): Promise<FastifyInstance> =>
  buildApp(
    {
      name: "a",
      searches: { add: () => {} },
      admission: { refusal: () => undefined },
      ids: systemIds,
      access: openToAnyone,
      requireOrigin: () => {},
      metrics: createMetrics("orchestrator", "a"),
      ...given,
    },
    silentLogger,
  );
