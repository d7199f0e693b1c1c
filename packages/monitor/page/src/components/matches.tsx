import type { MatchView } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { clock, number, percent, seconds, winProbability } from "../words.ts";

const SHOWN = 25;

interface Props {
  matches: readonly MatchView[];
  /** More are made than are told. */
  sampled: boolean;
  onPlayer: (id: string) => void;
}

export const Matches = ({ matches, sampled, onPlayer }: Props) => {
  const [wanted, want] = useState("");
  const found = matches.filter(
    ({ id, teams }) =>
      wanted === "" ||
      id === wanted ||
      teams.some(({ players }) => players.some((player) => player.id.includes(wanted))),
  );
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
          <li key={match.id} class={`match ${match.state}`} data-match={match.id}>
            <p>
              <strong>{match.queue}</strong> {match.state} · {clock(match.createdAt)} · gap {number(match.eloGap, 1)} ·{" "}
              {percent(winProbability(match.eloGap))} for the stronger
              {match.waitedMs && ` · waited ${range(match.waitedMs)}`}
              {match.worstPingMs !== undefined && ` · ping ${number(match.worstPingMs)} ms at worst`}
              {match.region !== undefined && ` · ${match.region}`}
            </p>
            <div class="teams">
              {match.teams.map((team) => (
                <p key={team.name}>
                  <span class="elo">{number(team.elo)}</span>{" "}
                  {team.players.map(({ id, elo }) => (
                    <button key={id} type="button" class="link" title={`elo ${elo}`} onClick={() => onPlayer(id)}>
                      {id}
                    </button>
                  ))}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ol>
      {found.length === 0 && <p class="hint">{matches.length === 0 ? "No match yet." : "None of the last hundred."}</p>}
    </section>
  );
};

const range = ({ min, max }: { min: number; max: number }): string =>
  seconds(min) === seconds(max) ? seconds(max) : `${seconds(min)} to ${seconds(max)}`;
