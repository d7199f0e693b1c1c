import { InstantClient } from "@muster/client";

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const chosen = (id) => /** @type {HTMLSelectElement} */ (element(id)).value;
/** @param {string} text */
const show = (text) => {
  element("status").textContent = text;
};

// An app has users of its own; here each tab is one.
const user = `tab-${crypto.randomUUID()}`;
const url = document.querySelector("meta[name=muster]")?.getAttribute("content") ?? "";
const client = new InstantClient({ url, user });
const others = new Set();

client.on("waiting", ({ again }) => show(again ? "Waiting for the same one…" : "Waiting…"));
client.on("waitlist", (entries) => {
  for (const { alias } of entries) others.add(alias);
  element("others").textContent = String(others.size);
});
client.on("session", ({ session, partner }) => {
  document.body.dataset.session = session;
  show(`Together with ${partner.user_id}, who plays ${partner.user_data.style}.`);
});
client.on("ended", () => show("The session is over."));
client.on("over", ({ status }) => show(status === "EXPIRED" ? "Nobody came." : "Not waiting."));
client.on("againAsked", () => show("The other would like to meet again: press Again."));
client.on("error", ({ message }) => show(message));

/** @param {() => unknown} call */
const attempt = async (call) => {
  try {
    await client.connect();
    await call();
  } catch (error) {
    show(error instanceof Error ? error.message : String(error));
  }
};

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  others.clear();
  attempt(() =>
    client.request({
      user_data: { languages: [chosen("speaks")], style: chosen("style") },
      user_preferences: { languages: { anyOf: [chosen("wants")] } },
    }),
  );
});
element("cancel").addEventListener("click", () => attempt(() => client.cancel()));
element("rematch").addEventListener("click", () => attempt(() => client.rematch()));
element("again").addEventListener("click", () => attempt(() => client.again()));
element("leave").addEventListener("click", () => attempt(() => client.leave()));
