import type { ExplainAnswer, Match, PlayerAnswer, Ticket } from "@muster/core";
import type { TicketMoment } from "@muster/monitor/frames";
import { useEffect, useState } from "preact/hooks";
import { getJson, runTester } from "../api.ts";
import type { Selected } from "../app.tsx";
import { criteriaLines } from "../criteria.ts";
import { timelineOf } from "../timeline.ts";
import { clock, number, seconds } from "../words.ts";

interface Seen {
  player: PlayerAnswer;
  ticket?: Ticket;
  match?: Match;
  explanation?: ExplainAnswer;
  /** What the monitor heard of its ticket. */
  moments: readonly TicketMoment[];
}

const REFRESH_MS = 1_000;
const STATES_KEPT = 20;

interface Props {
  selected: Selected;
  onSelect: (selected: Selected) => void;
  tester: boolean;
}

/** All about one player: its states as they were, its ticket, why it waits, its match. */
export const PlayerPanel = ({ selected, onSelect, tester }: Props) => {
  const [wanted, want] = useState("");
  const [seen, setSeen] = useState<Seen>();
  const [fault, setFault] = useState("");
  const [history, setHistory] = useState<PlayerAnswer[]>([]);

  useEffect(() => {
    setSeen(undefined);
    setHistory([]);
    setFault("");
    if (!selected) return;
    let isCurrent = true;
    const refresh = async () => {
      try {
        const found = await look(selected);
        if (!isCurrent) return;
        setSeen(found);
        setFault("");
        setHistory((before) =>
          before[0]?.version === found.player.version ? before : [found.player, ...before].slice(0, STATES_KEPT),
        );
      } catch (error) {
        if (isCurrent) setFault(error instanceof Error ? error.message : String(error));
      }
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [selected?.kind, selected?.id]);

  return (
    <section class="player" aria-label="Player">
      <h2>Player</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted) onSelect({ kind: wanted.startsWith("t_") ? "ticket" : "player", id: wanted });
        }}
      >
        <input
          type="search"
          placeholder="Player or ticket id"
          aria-label="Player or ticket id"
          value={wanted}
          onInput={(event) => want(event.currentTarget.value.trim())}
        />
        <button type="submit">Show</button>
      </form>
      {fault !== "" && <p class="fault">{fault}</p>}
      {!selected && <p class="hint">Click a point, or a player of a match.</p>}
      {seen && <Details seen={seen} history={history} tester={tester} />}
    </section>
  );
};

const look = async ({ kind, id }: NonNullable<Selected>): Promise<Seen> => {
  const path = (part: string, name: string) => `/v1/${part}/${encodeURIComponent(name)}`;
  const given = kind === "ticket" ? await getJson<Ticket>(path("tickets", id)) : undefined;
  const player = await getJson<PlayerAnswer>(path("players", given?.players[0]?.id ?? id));
  const ticket = player.ticket ? await getJson<Ticket>(path("tickets", player.ticket)).catch(() => undefined) : given;
  const matchId = player.match ?? ticket?.match;
  const match = matchId ? await getJson<Match>(path("matches", matchId)).catch(() => undefined) : undefined;
  const explanation =
    ticket?.status === "queued"
      ? await getJson<ExplainAnswer>(`${path("tickets", ticket.id)}/explain`).catch(() => undefined)
      : undefined;
  const { moments } = ticket
    ? await getJson<{ moments: TicketMoment[] }>(`/monitor/tickets/${encodeURIComponent(ticket.id)}`)
    : { moments: [] };
  return { player, moments, ...(ticket && { ticket }), ...(match && { match }), ...(explanation && { explanation }) };
};

const Details = ({ seen, history, tester }: { seen: Seen; history: readonly PlayerAnswer[]; tester: boolean }) => {
  const { player, ticket, match, explanation, moments } = seen;
  const [said, say] = useState("");
  const act = (action: string) =>
    runTester({ action, player: player.id }).then(say, (error: Error) => say(error.message));
  return (
    <div class="details">
      <h3>
        {player.id} <em class={player.state}>{player.state}</em>
      </h3>
      {tester && (
        <p class="actions">
          {actionsOf(player, match).map((action) => (
            <button key={action} type="button" onClick={() => act(action)}>
              {action}
            </button>
          ))}
          <small role="status">{said}</small>
        </p>
      )}
      <h4>History</h4>
      <ol class="states timeline">
        {timelineOf(player.id, moments, ticket, match).map(({ at, what }) => (
          <li key={`${at} ${what}`}>
            <time>{clock(at)}</time> {what}
          </li>
        ))}
      </ol>
      <h4>States while this is open</h4>
      <ol class="states">
        {history.map(({ state, version, at, queue }) => (
          <li key={version}>
            <time>{clock(at)}</time> {state} {queue !== undefined && `in ${queue}`}
          </li>
        ))}
      </ol>
      {ticket && (
        <>
          <h4>Ticket</h4>
          <p>
            {ticket.id}: {ticket.status}
            {ticket.reason !== undefined && ` (${ticket.reason})`}, version {ticket.version}, {ticket.tries} tries, elo{" "}
            {ticket.players.map(({ elo }) => number(elo)).join(", ")}
          </p>
        </>
      )}
      {explanation && (
        <>
          <h4>Why it waits</h4>
          <p>
            For {seconds(explanation.waitedMs)}. Of {explanation.candidates} near it, {explanation.compatible} and it
            accept each other.
            {explanation.refusals.map(({ rule, all }) => ` ${rule} refuses ${all}.`)}
            {explanation.nextWidening && ` Widens in ${seconds(explanation.nextWidening.inMs)}.`}
            {explanation.away && ` Away: ${explanation.away.join(", ")}.`}
          </p>
          <h4>What it accepts now</h4>
          <ul class="criteria">
            {criteriaLines(explanation.criteria).map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      {match && (
        <>
          <h4>Match</h4>
          <p>
            {match.id}: {match.state}, {match.joined} joined, gap {number(match.eloGap, 1)}, quality{" "}
            {number(match.quality, 2)}
          </p>
        </>
      )}
    </div>
  );
};

const actionsOf = ({ state }: PlayerAnswer, match: Match | undefined): string[] => {
  if (state === "inqueue") return ["cancel", "disconnect", "reconnect"];
  if (state === "pending") return ["accept", "decline"];
  if (state === "inmatch") return match?.state === "open" ? ["join", "leave", "end"] : ["leave", "end"];
  return [];
};
