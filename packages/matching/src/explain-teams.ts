import { type Queue, type Rule, type TeamsNow, toQueue, usesRoles, type WaitingTicket } from "@muster/core";
import { gather } from "./gather.ts";
import { buildLadder } from "./ladder.ts";
import { ruleName } from "./rules/stance.ts";
import { assembleMatch } from "./teams/assemble-match.ts";
import { teamSearch } from "./teams/team-search.ts";

interface Scene {
  readonly queue: Queue;
  readonly ticket: WaitingTicket;
  readonly candidates: readonly WaitingTicket[];
}

/**
 * Says whether a match of teams is found around a ticket, as a search would look for it, and if not, what alone keeps it
 * from being made: each rule about teams is left out in turn, and the search done again.
 *
 * @param now in ms since the epoch
 */
export const explainTeams = (scene: Scene, now: number): TeamsNow => {
  const { found, players } = look(scene, now);
  if (found) return { found, players, blockedBy: [] };
  const drops = dropsOf(scene);
  const blockedBy = drops.flatMap(([rule, drop]) => (look(drop(scene), now).found ? [rule] : []));
  const bare = drops.reduce((left, [, drop]) => drop(left), scene);
  return {
    found,
    players: look(bare, now).players,
    // Without any parties what they are like doesn't matter either.
    blockedBy: blockedBy.includes("premade") ? blockedBy.filter((rule) => rule !== "partySizes") : blockedBy,
  };
};

const look = ({ queue, ticket, candidates }: Scene, now: number): { found: boolean; players: number } => {
  const ladder = buildLadder(queue, gather(queue, [ticket], candidates).fit, now);
  const core = ladder.oldestFirst.find((seeker) => seeker.ticket.id === ticket.id);
  if (!core) return { found: false, players: ticket.players.length };
  const { match, largest } = assembleMatch(teamSearch(queue, ladder, now), core);
  const members = match?.members ?? largest;
  return { found: match !== undefined, players: members.reduce((sum, { size }) => sum + size, 0) };
};

/** A scene without one of its rules about teams. */
type Drop = (scene: Scene) => Scene;

/** How to leave out each rule about teams that the queue or its tickets have, by its name. */
const dropsOf = ({ queue, ticket, candidates }: Scene): [rule: string, Drop][] => {
  const all = [ticket, ...candidates];
  const drops: [string, Drop][] = [];
  for (const limit of ["premade", "teamGap"] as const) {
    if (queue.steps.some((step) => step[limit] !== undefined)) drops.push([limit, withoutLimit(limit)]);
  }
  if (all.some(({ players }) => players.length > 1)) drops.push(["partySizes", withTickets(alone)]);
  if (usesRoles(queue)) drops.push(["roles", withoutRoles]);
  if (all.some(({ teams }) => teams)) drops.push(["teamNames", withTickets(({ teams: _, ...rest }) => [rest])]);
  for (const rule of queue.rules ?? []) {
    if (rule.kind === "teamSum") drops.push([ruleName(rule), withoutRule(rule)]);
  }
  return drops;
};

const withoutLimit =
  (limit: "premade" | "teamGap"): Drop =>
  (scene) => ({
    ...scene,
    queue: changed(scene.queue, { steps: scene.queue.steps.map(({ [limit]: _, ...step }) => step) }),
  });

const withoutRule =
  (rule: Rule): Drop =>
  (scene) => ({
    ...scene,
    queue: changed(scene.queue, { rules: (scene.queue.rules ?? []).filter((each) => each !== rule) }),
  });

const withoutRoles: Drop = (scene) => {
  const { teams } = scene.queue;
  const bare = Array.isArray(teams)
    ? teams.map(({ roles: _, ...team }) => team)
    : (({ roles: _, ...rest }) => rest)(teams);
  return { ...scene, queue: changed(scene.queue, { teams: bare }) };
};

const withTickets =
  (change: (ticket: WaitingTicket) => WaitingTicket[]): Drop =>
  ({ queue, ticket, candidates }) => {
    const [own = ticket, ...others] = change(ticket);
    return { queue, ticket: own, candidates: [...others, ...candidates.flatMap(change)] };
  };

const changed = (queue: Queue, change: Partial<Pick<Queue, "steps" | "rules" | "teams">>): Queue =>
  toQueue(queue.name, { ...queue, ...change }, queue.regions);

/** Each player of a party as a ticket of its own, where its party stood. */
const alone = (ticket: WaitingTicket): WaitingTicket[] =>
  ticket.players.map((player, index) => ({
    ...ticket,
    id: index === 0 ? ticket.id : `${ticket.id}+${index}`,
    players: [player],
  }));
