/** A realm in 60 lines: players come over HTTP, wait for a duel, play it, and are told how it ended. */
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { MusterApiError, RealmClient } from "@muster/client";

const { PORT = "8091", MUSTER_URL = "http://127.0.0.1:8080", MUSTER_API_KEY, PLAY_MS = "3000" } = process.env;

const realm = new RealmClient({ url: MUSTER_URL, ...(MUSTER_API_KEY && { apiKey: MUSTER_API_KEY }) });
/** Players that are connected to this realm, each by its stream of lines. */
const here = new Map<string, ServerResponse>();
const tell = (player: string, line: string) => here.get(player)?.write(`${line}\n`);

// Told by Muster: whatever becomes of our players, each change once and in order.
realm.on("state", async ({ player, state, match }) => {
  if (!here.has(player)) return;
  if (state === "idle") here.get(player)?.end("You are free again.\n");
  if (state !== "inmatch" || !match) return;
  const { teams } = await realm.getMatch(match);
  const players = teams.flatMap((team) => team.players.map(({ id }) => id));
  tell(player, `You play ${players.filter((id) => id !== player).join(", ")}.`);
  // The game itself. Both of its players bring us here; ending a match twice is answered like once.
  await sleep(Number(PLAY_MS));
  const scores = Object.fromEntries(players.toSorted().map((id, place) => [id, place]));
  await realm.endMatch(match, scores);
});
realm.on("error", (error) => console.error(error.message));

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://realm");
  const [player, elo] = [searchParams.get("player"), Number(searchParams.get("elo") ?? 1_000)];
  if (pathname !== "/play" || !player) return void response.writeHead(404).end("Try /play?player=ann&elo=1200\n");
  try {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
    const ticket = await realm.enqueue("duel", { players: [{ id: player, elo }] });
    here.set(player, response);
    tell(player, "You wait for an opponent.");
    // Where the player is now is told at once, so nothing was missed.
    realm.watch([player]);
    response.on("close", () => {
      here.delete(player);
      realm.unwatch([player]);
      // Too late is no error: then the answer is "matched", with the match.
      if (!response.writableFinished) realm.cancelTicket(ticket.id).catch((error) => console.error(error.message));
    });
  } catch (error) {
    // PLAYER_BUSY, OVERLOADED…: the message says what to do.
    response.end(`${error instanceof MusterApiError ? error.message : "Please try again."}\n`);
  }
});

await realm.connect();
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
process.once("SIGTERM", async () => {
  server.close();
  await realm.close();
});
