import type { Match } from "@muster/core";
import type { MatchView } from "@muster/monitor/frames";
import { useEffect, useState } from "preact/hooks";
import { getJson } from "../api.ts";
import { clock, number, percent, seconds, winProbability } from "../words.ts";

const SHOWN = 25;
/** After the last key, before Muster is asked for a match that is not among those shown. */
const ASK_AFTER_MS = 300;

interface Props {
  matches: readonly MatchView[];
  /** More are made than are told. */
  sampled: boolean;
  onPlayer: (id: string) => void;
}

export const Matches = ({ matches, sampled, onPlayer }: Props) => {
  const [wanted, want] = useState("");
  const [older, setOlder] = useState<MatchView>();
  const shown = matches.filter(
    ({ id, teams }) =>
      wanted === "" ||
      id === wanted ||
      teams.some(({ players }) => players.some((player) => player.id.includes(wanted))),
  );
  const isMissing = wanted !== "" && shown.length === 0;
  useEffect(() => {
    setOlder(undefined);
    if (!isMissing) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      getJson<Match>(`/v1/matches/${encodeURIComponent(wanted)}`).then(
        (match) => isCurrent && setOlder(toView(match)),
        // It is no match's id, or of one that is forgotten: none is shown.
        () => {},
      );
    }, ASK_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [wanted, isMissing]);
  const found = isMissing && older ? [older] : shown;
  return (
    <section class="matches" aria-label="Matches">
      <h2>Matches {sampled && <small>a sample: more are made than are shown</small>}</h2>
      <input
        type="search"
        placeholder="Match or player id"
        aria-label="Search matches by match or player id"
        value={wanted}
        onInput={(event) => want(event.currentTarget.value.trim())}
      />
      <ol>
        {found.slice(0, SHOWN).map((match) => (
          <Entry key={match.id} match={match} onPlayer={onPlayer} />
        ))}
      </ol>
      {found.length === 0 && (
        <p class="hint">
          {matches.length === 0 ? "No match yet." : "None of the last hundred, and no match that is kept has this id."}
        </p>
      )}
    </section>
  );
};

const Entry = ({ match, onPlayer }: { match: MatchView; onPlayer: Props["onPlayer"] }) => (
  <li class={`match ${match.state}`} data-match={match.id}>
    <p>
      <strong>{match.queue}</strong> {match.state} · {clock(match.createdAt)}
      {match.eloGap !== undefined &&
        ` · gap ${number(match.eloGap, 1)} · ${percent(winProbability(match.eloGap))} for the stronger`}
      {match.waitedMs && ` · waited ${range(match.waitedMs)}`}
      {match.worstPingMs !== undefined && ` · ping ${number(match.worstPingMs)} ms at worst`}
      {match.region !== undefined && ` · ${match.region}`}
    </p>
    <div class="teams">
      {match.teams.map((team) => (
        <p key={team.name}>
          {match.eloGap !== undefined && <span class="elo">{number(team.elo)}</span>}{" "}
          {team.players.map(({ id, elo }) => (
            <button key={id} type="button" class="link" title={`elo ${elo}`} onClick={() => onPlayer(id)}>
              {id}
            </button>
          ))}
        </p>
      ))}
    </div>
  </li>
);

/** One that was asked for: its tickets are not looked up. */
const toView = ({ id, queue, state, createdAt, eloGap, quality, region, teams, instant }: Match): MatchView => ({
  ...{ id, queue, state, createdAt, quality, ...(!instant && { eloGap }), ...(region !== undefined && { region }) },
  teams: teams.map(({ name, players }) => ({
    name,
    elo: players.reduce((sum, { elo }) => sum + elo, 0) / Math.max(1, players.length),
    players: players.map((player) => ({ id: player.id, elo: player.elo })),
  })),
});

const range = ({ min, max }: { min: number; max: number }): string =>
  seconds(min) === seconds(max) ? seconds(max) : `${seconds(min)} to ${seconds(max)}`;
