import { ERRORS, fieldFaults, MusterError, type SchemaFault, toProblem } from "@muster/core";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";

export const invalidRequest = (faults: readonly SchemaFault[]): MusterError => {
  const fields = fieldFaults(faults, "body");
  const first = fields[0] ?? { field: "body", message: "is not valid" };
  return new MusterError("INVALID", `${first.field} ${first.message}.`, { faults: fields });
};

const toMusterError = (error: FastifyError): MusterError | undefined => {
  if (error instanceof MusterError) return error;
  if (error.validation) return invalidRequest(error.validation);
  const faults = [{ field: "body", message: error.message }];
  switch (error.statusCode) {
    case 413:
      return new MusterError("BODY_TOO_LARGE", "A body may have 256 KiB. Send fewer tickets at a time.", { faults });
    case 415:
      return new MusterError("UNSUPPORTED_MEDIA_TYPE", "Send JSON with content-type: application/json.", {
        faults: [{ field: "Content-Type", message: "must be application/json" }],
      });
    default:
      return error.statusCode !== undefined && error.statusCode < 500
        ? new MusterError("INVALID", `The body can't be read: ${error.message}.`, { faults })
        : undefined;
  }
};

export const sendProblem = (reply: FastifyReply, error: MusterError): FastifyReply => {
  const { retryAfterS } = error.details;
  // What a caller can name who asks what happened.
  reply.header("x-request-id", reply.request.id);
  if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
  return reply
    .status(ERRORS[error.code].status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(toProblem(error));
};

/** Every error leaves as application/problem+json; what nobody foresaw is logged and leaves without its details. */
export const replyWithProblems = (app: FastifyInstance): void => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const known = toMusterError(error);
    if (!known) request.log.error({ err: error, method: request.method, url: request.url }, "a request failed");
    return sendProblem(reply, known ?? new MusterError("INTERNAL", "This is a defect in Muster. Its log says more."));
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new MusterError("ROUTE_NOT_FOUND", `There is no ${request.method} ${request.url}. See /docs for what there is.`),
    ),
  );
};
