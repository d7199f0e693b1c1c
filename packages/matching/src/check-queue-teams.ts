import { isDuel, PREMADE_LEVELS, type Queue, type TeamShape, usesRoles } from "@muster/core";

/** What makes no sense in a queue's teams, and in what its steps say of teams. */
export const teamWarnings = (queue: Queue): string[] => [
  ...premadeWarnings(queue),
  ...gapWarnings(queue),
  ...openPlacesWarnings(queue),
  ...(usesRoles(queue) ? roleWarnings(queue) : []),
];

/** The parties of teams are compared where these have equally many places, more than one. */
const comparedPlaces = ({ teamShapes }: Queue): number[] =>
  teamShapes
    .filter(({ max }, index) => max > 1 && teamShapes.some((other, place) => place !== index && other.max === max))
    .map(({ max }) => max);

const premadeWarnings = (queue: Queue): string[] => {
  const { maxPartySize, premadeHandicapElo, steps } = queue;
  const compared = comparedPlaces(queue);
  const given = steps.findIndex(({ premade }) => premade !== undefined);
  const warnings: string[] = [];
  if (maxPartySize === 1) {
    if (given >= 0) warnings.push(`/steps/${given}/premade: means nothing, for maxPartySize lets nobody bring a party`);
  } else if (compared.length === 0) {
    if (given >= 0) {
      warnings.push(`/steps/${given}/premade: means nothing, for no two teams have equally many places for parties`);
    }
  } else if (given !== 0) {
    warnings.push("/steps/0/premade: is absent, so that from the first try solo players may meet a full party");
  }
  if (!premadeHandicapElo) return warnings;
  if (!compared.some((places) => places <= maxPartySize)) {
    warnings.push("/premadeHandicapElo: never counts, for no party can fill a team that others are compared with");
  } else if ((steps.at(-1)?.premade ?? ANY) !== ANY) {
    warnings.push("/premadeHandicapElo: never counts, for no step lets solo players meet a full party");
  }
  return warnings;
};

const ANY = PREMADE_LEVELS.at(-1);

/** All tickets of a match are within `eloSpread`, and so are the means of their teams. */
const gapWarnings = (queue: Queue): string[] => {
  const { teamShapes, steps, premadeHandicapElo = 0 } = queue;
  if (teamShapes.length === 1) {
    const given = steps.findIndex(({ teamGap }) => teamGap !== undefined);
    return given < 0 ? [] : [`/steps/${given}/teamGap: means nothing, for there is one team only`];
  }
  return steps.flatMap(({ teamGap, eloSpread = Infinity }, index) => {
    const most = isDuel(queue) ? eloSpread : eloSpread + premadeHandicapElo;
    return teamGap !== undefined && teamGap >= most
      ? [`/steps/${index}/teamGap: refuses nobody whom eloSpread doesn't refuse already`]
      : [];
  });
};

const openPlacesWarnings = ({ teamShapes, steps, backfill }: Queue): string[] => {
  const warnings: string[] = [];
  const given = steps.findIndex(({ openPlaces }) => openPlaces !== undefined);
  const mayBeOpen = teamShapes.some(({ min, max }) => min < max);
  if (!mayBeOpen && given >= 0) {
    warnings.push(`/steps/${given}/openPlaces: means nothing, for no team has a minSize below its size`);
  }
  if (backfill && (!mayBeOpen || steps.at(-1)?.openPlaces === 0)) {
    warnings.push("/backfill: means nothing, for matches begin with full teams");
  }
  return warnings;
};

const roleWarnings = ({ teams, teamShapes, steps, maxPartySize }: Queue): string[] => {
  const rolesOf = ({ roles = {} }: TeamShape) => Object.entries(roles);
  const known = new Set(teamShapes.flatMap((shape) => rolesOf(shape).map(([name]) => name)));
  const autofill = steps.findIndex((step) => step.autofill);
  if (known.size === 1) {
    const path = autofill < 0 ? `/teams${Array.isArray(teams) ? "" : "/roles"}` : `/steps/${autofill}/autofill`;
    return [`${path}: means nothing, for there is one role only`];
  }
  if (autofill >= 0) return [];
  // A party may ask for a role as often as it has players; where one team has places enough, it fits there.
  for (const role of known) {
    const places = teamShapes.map((shape) => (shape.roles ? (shape.roles[role] ?? 0) : shape.max));
    const most = Math.max(...places);
    if (most < maxPartySize) {
      return [
        `/maxPartySize: a party of ${maxPartySize} that lists only ${role} is refused, for a team has ${most} of it and no step has autofill`,
      ];
    }
  }
  return [];
};
