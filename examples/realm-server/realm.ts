/** A realm in 60 lines: players come over HTTP, wait for a duel, play it, and are told how it ended. */
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { MusterApiError, RealmClient } from "@muster/client";

const { PORT = "8091", MUSTER_URL = "http://127.0.0.1:8080", MUSTER_API_KEY, PLAY_MS = "3000" } = process.env;

const realm = new RealmClient({ url: MUSTER_URL, ...(MUSTER_API_KEY && { apiKey: MUSTER_API_KEY }) });
/** Players that are connected to this realm, each by its stream of lines. */
const here = new Map<string, ServerResponse>();
const tell = (player: string, line: string) => here.get(player)?.write(`${line}\n`);
const report = (error: Error) => console.error(error.message);

/** The game itself. Both of its players bring us here; ending a match twice is answered like once. */
const play = async (player: string, match: string) => {
  const { teams } = await realm.getMatch(match);
  const players = teams.flatMap((team) => team.players.map(({ id }) => id));
  tell(player, `You play ${players.filter((id) => id !== player)}.`);
  await sleep(Number(PLAY_MS));
  await realm.endMatch(match, Object.fromEntries(players.toSorted().map((id, place) => [id, place])));
};

// Whatever becomes of our players, each change once and in order.
realm.on("state", ({ player, state, match }) => {
  if (state === "idle") here.get(player)?.end("You are free again.\n");
  if (state === "inmatch" && match && here.has(player)) play(player, match).catch(report);
});
realm.on("error", report);

const queue = async (player: string, elo: number, response: ServerResponse, gone: Promise<unknown>) => {
  const ticket = await realm.enqueue("duel", { players: [{ id: player, elo }] });
  here.set(player, response);
  tell(player, "You wait for an opponent.");
  // Where the player is now is told at once, so nothing was missed.
  realm.watch([player]);
  await gone;
  here.delete(player);
  realm.unwatch([player]);
  // Too late is no error: then the answer is "matched", with the match.
  if (!response.writableFinished) await realm.cancelTicket(ticket.id);
};

const server = createServer((request, response) => {
  const url = URL.parse(`http://realm${request.url}`);
  const [player, elo] = [url?.searchParams.get("player"), Number(url?.searchParams.get("elo") ?? 1_000)];
  if (url?.pathname !== "/play" || !player) return void response.writeHead(404).end("Try /play?player=ann&elo=1200\n");
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  // Before anything is waited for: a player may leave while it is queued.
  const gone = new Promise((resolve) => response.once("close", resolve));
  // PLAYER_BUSY, OVERLOADED…: the message says what to do.
  const wordsOf = (error: Error) => (error instanceof MusterApiError ? error.message : "Please try again.");
  queue(player, elo, response, gone).catch((error) => response.end(`${wordsOf(error)}\n`));
});

await realm.connect();
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
process.once("SIGTERM", async () => {
  server.close();
  await realm.close();
});
