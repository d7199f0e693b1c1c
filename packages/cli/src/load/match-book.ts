import { type Match, matchSize, type QueueDefinition } from "@muster/core";
import { Samples } from "./samples.ts";

/** What is compared between the players of a match. */
export interface Competitor {
  id: string;
  elo: number;
  avgPingMs: number;
}

interface OpenMatch {
  competitors: Competitor[];
  /** Players seen in it that were not seen idle again. */
  present: Set<string>;
  /** We asked for its end, so from now on its players may be elsewhere. */
  endAsked: boolean;
  endAnswered: boolean;
}

/**
 * The matches that the watched players were seen in, from the first player's arrival until all have left, and how fair
 * they are. A 1v1's elo gap follows from its two players; larger teams can't be told apart by states, so their gap
 * comes from match records (`addEloGapOf`), as many as the caller cares to read.
 */
export class MatchBook {
  readonly eloGap = new Samples();
  readonly pingGapMs = new Samples();
  readonly #matches = new Map<string, OpenMatch>();
  readonly #size: number;
  readonly duel: boolean;
  #begun = 0;

  constructor(queue: Pick<QueueDefinition, "teams">) {
    this.#size = matchSize(queue);
    this.duel = this.#size === 2;
  }

  /** Matches seen in all. */
  get begun(): number {
    return this.#begun;
  }

  /** @returns what the arrival means: the match is `new`, the player `joins` it, or it holds `tooMany` by now */
  join(match: string, competitor: Competitor): "new" | "joins" | "tooMany" {
    const known = this.#matches.get(match);
    const open = known ?? { competitors: [], present: new Set(), endAsked: false, endAnswered: false };
    this.#matches.set(match, open);
    open.present.add(competitor.id);
    open.competitors.push(competitor);
    if (!known) this.#begun += 1;
    if (open.competitors.length === this.#size) this.#measure(open.competitors);
    if (open.competitors.length > this.#size) return "tooMany";
    return known ? "joins" : "new";
  }

  leave(match: string, player: string): void {
    this.#matches.get(match)?.present.delete(player);
    this.#forgetIfDone(match);
  }

  endAsked(match: string): void {
    const open = this.#matches.get(match);
    if (open) open.endAsked = true;
  }

  endAnswered(match: string): void {
    const open = this.#matches.get(match);
    if (open) open.endAnswered = true;
    this.#forgetIfDone(match);
  }

  /** Whether its players may be in another match: it is unknown, or its end was asked for. */
  isOver(match: string): boolean {
    return this.#matches.get(match)?.endAsked ?? true;
  }

  /** Whether its end was confirmed. */
  hasEnded(match: string): boolean {
    return this.#matches.get(match)?.endAnswered ?? true;
  }

  competitorsOf(match: string): readonly Competitor[] {
    return this.#matches.get(match)?.competitors ?? [];
  }

  /** Matches whose end was not confirmed yet. */
  open(): string[] {
    return [...this.#matches].filter(([, { endAnswered }]) => !endAnswered).map(([id]) => id);
  }

  addEloGapOf({ teams }: Match): void {
    const means = teams.map(
      ({ players }) => players.reduce((sum, player) => sum + player.elo, 0) / Math.max(1, players.length),
    );
    this.eloGap.add(Math.max(...means) - Math.min(...means));
  }

  #measure(competitors: readonly Competitor[]): void {
    const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
    this.pingGapMs.add(spread(competitors.map(({ avgPingMs }) => avgPingMs)));
    if (this.duel) this.eloGap.add(spread(competitors.map(({ elo }) => elo)));
  }

  #forgetIfDone(match: string): void {
    const open = this.#matches.get(match);
    if (open?.endAnswered && open.present.size === 0) this.#matches.delete(match);
  }
}
