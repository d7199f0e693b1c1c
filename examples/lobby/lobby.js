/** A player's own connection to Muster, without any library: one WebSocket, frames of JSON. */
const muster = new URLSearchParams(location.search).get("muster") ?? "http://127.0.0.1:8080";
const get = (id) => document.getElementById(id);
const say = (text) => {
  get("status").textContent = text;
};

let socket;
let state = { state: "idle" };
let wanted;

const send = (frame) => socket.send(JSON.stringify(frame));

function connect(player) {
  socket?.close();
  const url = new URL("/v1/play", muster.replace(/^http/, "ws"));
  url.searchParams.set("player", player);
  socket = new WebSocket(url);
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  // As long as this is open the player is there; without it the ticket is passed over, and soon gone.
  socket.onclose = ({ code }) => say(code === 4001 ? "You play in another window." : "The connection is gone.");
}

function receive(frame) {
  if (frame.op === "hello") {
    // After a reload: what was asked for last, and where the player is now.
    show(frame.player);
    if (wanted) send({ op: "queue", id: "queue", ...wanted });
    wanted = undefined;
  }
  if (frame.op === "state") show(frame);
  if (frame.op === "answer" && frame.status >= 400) say(frame.body.detail);
  if (frame.op === "answer" && frame.id === "join" && frame.status === 200) showMatch(frame.body);
  if (frame.op === "error") say(frame.message);
}

function show(now) {
  state = now;
  get("cancel").disabled = now.state !== "inqueue";
  if (now.state === "idle") say("Not waiting.");
  if (now.state === "inqueue") say("You wait for others.");
  if (now.state === "pending") send({ op: "accept", match: now.match });
  if (now.state === "inmatch") send({ op: "join", id: "join", match: now.match });
  if (now.state !== "inmatch") get("mates").replaceChildren();
}

function showMatch({ queue, teams }) {
  say(`You are in a match of ${queue}.`);
  const items = teams.flatMap(({ name, players }) =>
    players.map(({ id, elo }) => {
      const item = document.createElement("li");
      item.textContent = `${id} (${elo}), team ${name}`;
      return item;
    }),
  );
  get("mates").replaceChildren(...items);
}

get("form").onsubmit = (event) => {
  event.preventDefault();
  const id = get("player").value;
  wanted = { queue: get("queue").value, ticket: { players: [{ id, elo: Number(get("elo").value) }] } };
  connect(id);
};
get("cancel").onclick = () => send({ op: "cancel", ticket: state.ticket });
