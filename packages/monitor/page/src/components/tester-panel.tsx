import type { QueueView, RunView } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { adminKey, runTester, setAdminKey } from "../api.ts";
import { number } from "../words.ts";

interface Props {
  queues: readonly QueueView[];
  runs: readonly RunView[];
}

/** Puts clients into queues, to see what happens. */
export const TesterPanel = ({ queues, runs }: Props) => {
  const [said, say] = useState("");
  const [key, setKey] = useState(adminKey);
  // Users of instant matching come by themselves.
  const offered = queues.filter(({ hasElo }) => hasElo);
  const [chosen, choose] = useState("");
  const queue = offered.find(({ name }) => name === chosen) ?? offered[0];
  const regions = queue?.regions ?? [];
  const ask = (request: Readonly<Record<string, unknown>>) => {
    setAdminKey(key);
    runTester(request).then(say, (error: Error) => say(error.message));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const count = (name: string) => Number(form.get(name));
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [name, region] = [text("name"), text("region")];
    ask({
      action: "spawn",
      queue: queue?.name,
      ...{ count: count("count"), perSecond: count("perSecond"), partySize: count("partySize") },
      pingMs: count("pingMs"),
      ...(region !== "" && { region }),
      ...(name !== "" && { name }),
    });
  };
  return (
    <section class="tester" aria-label="Tester">
      <h2>Tester</h2>
      <form onSubmit={submit}>
        <label>
          Queue
          <select name="queue" value={queue?.name} onChange={(event) => choose(event.currentTarget.value)}>
            {offered.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Tickets
          <input name="count" type="number" min="1" max="5000" defaultValue="200" required />
        </label>
        <label>
          a second
          <input name="perSecond" type="number" min="1" max="500" defaultValue="50" required />
        </label>
        <label>
          Party of
          <input name="partySize" type="number" min="1" max={queue?.maxPartySize ?? 1} defaultValue="1" required />
        </label>
        <label>
          Ping, ms
          <input name="pingMs" type="number" min="1" max="2000" defaultValue="60" required />
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
      {runs.length > 0 && (
        <ul class="runs" aria-label="Runs">
          {runs.map((run) => (
            <Run key={run.id} run={run} ask={ask} />
          ))}
        </ul>
      )}
    </section>
  );
};

const ACTS = ["cancel", "disconnect", "reconnect", "accept", "decline"];

const Run = ({ run, ask }: { run: RunView; ask: (request: Readonly<Record<string, unknown>>) => void }) => {
  const [count, setCount] = useState(50);
  return (
    <li data-run={run.id}>
      <p>
        <strong>{run.queue}</strong> {run.id}: {number(run.accepted)} of {number(run.wanted)} tickets in
        {run.refused > 0 && <span class="fault">, {number(run.refused)} refused</span>}
        {run.isGoing && (
          <button type="button" onClick={() => ask({ action: "stop", run: run.id })} aria-label={`Stop ${run.id}`}>
            stop
          </button>
        )}
      </p>
      {run.refusal !== undefined && <p class="fault">{run.refusal}</p>}
      <p class="acts">
        <input
          type="number"
          min="1"
          max="5000"
          value={count}
          aria-label={`Players of ${run.id} for whom something is done`}
          onInput={(event) => setCount(Number(event.currentTarget.value))}
        />
        {ACTS.map((act) => (
          <button
            key={act}
            type="button"
            onClick={() => ask({ action: "each", act, run: run.id, count })}
            aria-label={`${act} many of ${run.id}`}
          >
            {act}
          </button>
        ))}
      </p>
      {run.said !== undefined && <p class="hint">{run.said}</p>}
    </li>
  );
};
