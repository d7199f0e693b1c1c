import { MusterError, type Queue, type TicketRequest } from "@muster/core";
import { type Unfit, unfitFor } from "@muster/matching";

/**
 * Checks what a schema can't say of a ticket.
 *
 * @throws MusterError INVALID or IMPOSSIBLE
 */
export const checkTicket = (queue: Queue, { players, teams }: TicketRequest): void => {
  const seen = new Set<string>();
  players.forEach(({ id }, index) => {
    if (seen.has(id)) {
      throw new MusterError("INVALID", `Player "${id}" is in this ticket twice. Name each player once.`, {
        faults: [{ field: `players[${index}].id`, message: "is in this ticket twice" }],
      });
    }
    seen.add(id);
  });
  if (players.length > queue.maxPartySize) {
    throw new MusterError(
      "IMPOSSIBLE",
      `A ticket of queue "${queue.name}" holds at most ${queue.maxPartySize} players, this one has ${players.length}. Split the party or choose another queue.`,
      { faults: [{ field: "players", message: `must not have more than ${queue.maxPartySize} players` }] },
    );
  }
  const unfit = unfitFor(queue, players, teams);
  if (unfit) throw refusalOf(unfit, queue);
};

const refusalOf = (unfit: Unfit, { name, teamShapes }: Queue): MusterError => {
  switch (unfit) {
    case "unknownTeam":
      return new MusterError(
        "INVALID",
        `"teams" names a team that queue "${name}" doesn't name. Leave it out for any.`,
        {
          faults: [
            {
              field: "teams",
              message: `must name teams of the queue: ${teamShapes.map((team) => team.name).join(", ")}`,
            },
          ],
        },
      );
    case "unknownRole": {
      const roles = new Set(teamShapes.flatMap((team) => Object.keys(team.roles ?? {})));
      return new MusterError("INVALID", `A player accepts a role that queue "${name}" doesn't have.`, {
        faults: [{ field: "players", message: `may have the roles ${[...roles].join(", ")}` }],
      });
    }
    case "tooLarge":
      return new MusterError(
        "IMPOSSIBLE",
        `No team of queue "${name}" that this ticket accepts holds all its players.`,
        {
          faults: [{ field: "players", message: "are more than any team that the ticket accepts holds" }],
        },
      );
    case "roles":
      return new MusterError(
        "IMPOSSIBLE",
        `No team of queue "${name}" has a role for each player of this ticket. Let them accept more roles, or split the party.`,
        { faults: [{ field: "players", message: "can't all have a role that they accept in one team" }] },
      );
  }
};
