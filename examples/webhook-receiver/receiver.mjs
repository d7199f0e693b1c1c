/**
 * Receives Muster's webhooks and tells each player of a new match by push: on the console, or through Firebase Cloud
 * Messaging when FCM_PROJECT and FCM_ACCESS_TOKEN are set.
 *
 * Settings: WEBHOOK_SECRET (as in MUSTER_WEBHOOK_SECRETS), PORT (8090), HOST (127.0.0.1).
 */
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const { WEBHOOK_SECRET = "", PORT = "8090", HOST = "127.0.0.1", FCM_PROJECT, FCM_ACCESS_TOKEN } = process.env;
const MAX_BODY_BYTES = 1_000_000;

const webhook = new Webhook(WEBHOOK_SECRET);
/** Messages come at least once: the newest ids are kept to know those that came before. A database would last longer. */
const handled = new Set();

const server = createServer(async (request, response) => {
  const answer = (status, text = "") => response.writeHead(status).end(text);
  const body = await read(request);
  if (body === undefined) return answer(413);
  let message;
  try {
    // Refuses a wrong signature, and a message that is older than five minutes.
    message = webhook.verify(body, request.headers);
  } catch (error) {
    return answer(401, error.message);
  }
  const id = request.headers["webhook-id"];
  try {
    if (!handled.has(id)) await handle(message);
    remember(id);
    // Only now: with any other answer, Muster sends it again later.
    answer(204);
  } catch (error) {
    console.error(`${id}: ${error.message}`);
    answer(500);
  }
});
server.listen(Number(PORT), HOST, () => console.log(`listening on http://${HOST}:${server.address().port}`));

/** `{type, timestamp, data: {event, match | ticket}}`; the record is absent when it is no longer kept. */
async function handle({ type, data }) {
  const { match, ticket, event } = data;
  if (type === "matched" && match) {
    const players = match.teams.flatMap((team) => team.players);
    await Promise.all(players.map((player) => push(player.id, "Your match is ready", { match: match.id })));
  } else if (type === "expired" && ticket) {
    await Promise.all(ticket.players.map((player) => push(player.id, "No match was found", { queue: event.queue })));
  } else {
    console.log(`${type} ${event.match ?? event.ticket ?? ""}`);
  }
}

/** Each player is a topic here; an app that knows its players' devices sends to their tokens instead. */
async function push(player, title, data) {
  if (!FCM_PROJECT) return console.log(`push to ${player}: ${title} ${JSON.stringify(data)}`);
  const response = await fetch(`https://fcm.googleapis.com/v1/projects/${FCM_PROJECT}/messages:send`, {
    method: "POST",
    headers: { authorization: `Bearer ${FCM_ACCESS_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      message: { topic: player.replace(/[^a-zA-Z0-9-_.~%]/g, "_"), notification: { title }, data },
    }),
    signal: AbortSignal.timeout(4_000),
  });
  if (!response.ok) throw new Error(`FCM answered ${response.status}`);
}

function remember(id) {
  handled.add(id);
  if (handled.size > 10_000) handled.delete(handled.values().next().value);
}

/** Undefined when it is larger than any message is. */
async function read(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
