import type { QueueView } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { adminKey, runTester, setAdminKey } from "../api.ts";

/** Puts clients into queues, to see what happens. */
export const TesterPanel = ({ queues }: { queues: readonly QueueView[] }) => {
  const [said, say] = useState("");
  const [key, setKey] = useState(adminKey);
  const [queue, setQueue] = useState(queues[0]?.name ?? "");
  const regions = queues.find(({ name }) => name === queue)?.regions ?? [];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setAdminKey(key);
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const count = (name: string) => Number(form.get(name));
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [name, region] = [text("name"), text("region")];
    runTester({
      action: "spawn",
      queue,
      ...{ count: count("count"), perSecond: count("perSecond"), partySize: count("partySize") },
      pingMs: count("pingMs"),
      ...(region !== "" && { region }),
      ...(name !== "" && { name }),
    }).then(say, (error: Error) => say(error.message));
  };
  return (
    <section class="tester" aria-label="Tester">
      <h2>Tester</h2>
      <form onSubmit={submit}>
        <label>
          Queue
          <select name="queue" value={queue} onChange={(event) => setQueue(event.currentTarget.value)}>
            {queues.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Tickets
          <input name="count" type="number" min="1" max="5000" value="200" required />
        </label>
        <label>
          a second
          <input name="perSecond" type="number" min="1" max="500" value="50" required />
        </label>
        <label>
          Party of
          <input name="partySize" type="number" min="1" max="10" value="1" required />
        </label>
        <label>
          Ping, ms
          <input name="pingMs" type="number" min="1" max="2000" value="60" required />
        </label>
        {regions.length > 0 && (
          <label>
            Near
            <select name="region">
              <option value="">anywhere</option>
              {regions.map((region) => (
                <option key={region}>{region}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          Named
          <input name="name" placeholder="tester" maxLength={40} />
        </label>
        <label>
          Admin key
          <input
            type="password"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
            autocomplete="off"
          />
        </label>
        <button type="submit" class="main">
          Spawn
        </button>
      </form>
      <p class="hint" role="status">
        {said || "Elos are drawn from 24,000 real players, pings around what you say."}
      </p>
    </section>
  );
};
