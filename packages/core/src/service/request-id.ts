import type { IncomingMessage } from "node:http";

const HEADER = "x-request-id";
const GOOD = /^[\w.-]{1,64}$/;

/** Names each call for logs: as nginx or the caller has named it, if that is a name; else by a number of its own. */
export const createRequestIds = (): ((request: Pick<IncomingMessage, "headers">) => string) => {
  let calls = 0;
  return ({ headers }) => {
    const given = headers[HEADER];
    if (typeof given === "string" && GOOD.test(given)) return given;
    calls += 1;
    return `r${calls}`;
  };
};
