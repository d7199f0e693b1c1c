import { MusterError, type PlayRequest, toProblem } from "@muster/core";

const LIMIT_MS = 5_000;

export interface ApiAnswer {
  status: number;
  body: unknown;
}

export type ApiMethod = "POST" | "PATCH" | "DELETE";

/**
 * Makes the HTTP call that a player's frame means. An answer in every case: without the API's own, a problem.
 *
 * @param by for whom: the token with which the player came, and what its connection is called in logs
 */
export type CallApi = (method: ApiMethod, path: string, body: unknown, by: CalledBy) => Promise<ApiAnswer>;

export interface CalledBy {
  /** Absent: no keys are in use. */
  credential?: string | undefined;
  requestId: string;
}

/** @param url where the API is, as http://127.0.0.1:8080 */
export const createCallApi = (url: string): CallApi => {
  const base = url.replace(/\/+$/, "");
  return async (method, path, body, { credential, requestId }) => {
    try {
      const response = await fetch(base + path, {
        method,
        signal: AbortSignal.timeout(LIMIT_MS),
        headers: {
          "x-request-id": requestId,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      return { status: response.status, body: answer };
    } catch (error) {
      const message =
        "The API gave no answer in time. The call may have been carried out all the same: look at the state.";
      const problem = toProblem(new MusterError("STORE_UNAVAILABLE", message, { retryAfterS: 1, cause: error }));
      return { status: problem.status, body: problem };
    }
  };
};

/** A frame that means a call. */
export type PlayCall = Exclude<PlayRequest, { op: "ping" }>;

/** The call of a frame, except for `queue`, which may be two. */
export const callOf = (
  player: string,
  request: Exclude<PlayCall, { op: "queue" }>,
): [method: ApiMethod, path: string, body?: unknown] => {
  const { op, id: _, ...rest } = request;
  if ("match" in rest) return ["POST", `/v1/matches/${encodeURIComponent(rest.match)}/${op}`, { player }];
  const { ticket, ...body } = rest;
  const path = `/v1/tickets/${encodeURIComponent(ticket)}`;
  return op === "cancel" ? ["DELETE", path] : ["PATCH", path, body];
};
