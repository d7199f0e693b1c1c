import { type History, type Violation, violation } from "./history.ts";
import { everyone } from "./players-in.ts";

/** Clients' times and those of services. */
const CLOCKS_MS = 250;

/** Every watcher saw every player in order, and ends on the newest state; and nobody counts as gone who was not. */
export const checkWatchers = (history: History): Violation[] => [
  ...versionsBack(history),
  ...leftBehind(history),
  ...thrownOut(history),
];

const versionsBack = ({ seen }: History): Violation[] => {
  const newest = new Map<string, number>();
  return seen.flatMap(({ watcher, player, version }) => {
    const before = newest.get(`${watcher} ${player}`) ?? -1;
    newest.set(`${watcher} ${player}`, Math.max(before, version));
    if (version >= before) return [];
    return [violation("version going back", `${watcher} saw ${player} at ${before}, then at ${version}`)];
  });
};

/** Every watcher ends on the newest state of every player that it ever saw. */
const leftBehind = ({ seen, left }: History): Violation[] => {
  const last = new Map(seen.map((each) => [`${each.watcher} ${each.player}`, each]));
  return [...last.values()].flatMap(({ watcher, player, version }) => {
    const newest = left.players.get(player)?.version;
    if (newest === undefined || newest === version) return [];
    return [violation("watcher left behind", `${watcher} saw ${player} last at ${version}, which is at ${newest}`)];
  });
};

/** Whoever lost its ticket or its match for being away was without its connection in that time. */
const thrownOut = ({ gone, left }: History): Violation[] => {
  const wasGone = (players: readonly { id: string }[], from: number, to: number) =>
    gone.some(
      (each) =>
        players.some(({ id }) => id === each.player) && each.from <= to + CLOCKS_MS && each.to >= from - CLOCKS_MS,
    );
  const found = [
    ...[...left.tickets.values()].filter(({ reason }) => reason === "disconnected"),
    ...[...left.matches.values()]
      .filter(({ dissolved }) => dissolved === "disconnected")
      .map((match) => ({ ...match, players: everyone(match) })),
  ];
  return found.flatMap(({ id, players, createdAt, endedAt = Infinity }) => {
    if (wasGone(players, createdAt, endedAt)) return [];
    const ids = players.map((player) => player.id);
    return [violation("thrown out", `${id} of ${ids} is over since one of them was away, but none was`)];
  });
};
