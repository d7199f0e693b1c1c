import { ID_PATTERN, StateFrame } from "@muster/core";
import { problems } from "./routes/problem-schemas.ts";

const [STATE] = (StateFrame as { examples?: readonly { version: number }[] }).examples ?? [];

const STRING = "string" as const;

/** The one route of the HTTP API that playservers serve, for the description of the whole. */
export const describePlayerEvents = (hasKeys: boolean) => ({
  "/v1/players/{player}/events": {
    get: {
      tags: ["players"],
      summary: "A player's states as server-sent events: the one it has, then each change",
      description:
        "Each event is named `state`, its id is the state's version, its data a state frame as on `WS /v1/realm`. A reader that comes back with Last-Event-ID is told what is newer. Lines that begin with a colon are signs of life.",
      parameters: [
        {
          name: "player",
          in: "path",
          required: true,
          description: "The player.",
          schema: { type: STRING, pattern: ID_PATTERN },
        },
        {
          name: "last-event-id",
          in: "header",
          description: "The version that was seen last.",
          schema: { type: STRING },
        },
      ],
      security: [...(hasKeys ? [] : [{}]), { realmKey: [] }, { playerToken: [] }],
      responses: {
        200: {
          description: "A stream that ends when either side closes it.",
          content: {
            "text/event-stream": {
              schema: { type: STRING },
              example: `retry: 1000\n\nevent: state\nid: ${STATE?.version}\ndata: ${JSON.stringify(STATE)}\n\n`,
            },
          },
        },
        ...problems(400, 401, 403, 429, 503),
      },
    },
  },
});
