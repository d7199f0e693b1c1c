import { get } from "node:http";

/** What a part of the system answers when asked whether it is ready. */
export interface Probe {
  ready: boolean;
  /** The answer in a line, for the operator. */
  said: string;
  /** A JSON answer's content. */
  body?: unknown;
}

const LIMIT_MS = 2_000;

/** Ready is who answers 200. Each call has a connection of its own, so that none is left open when its server stops. */
export const probeHttp = (url: string): Promise<Probe> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: LIMIT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error) => resolve({ ready: false, said: error.message }));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8").trim();
        const said = `status ${response.statusCode} ${text.slice(0, 500)}`;
        resolve({ ready: response.statusCode === 200, said, body: parse(text) });
      });
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${LIMIT_MS} ms`)));
    request.on("error", (error) => resolve({ ready: false, said: error.message || "no connection" }));
  });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
