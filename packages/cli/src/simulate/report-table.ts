import Table from "cli-table3";
import {
  count,
  decilesOf,
  difference,
  GROUP_COLUMNS,
  type Group,
  number,
  partySizesOf,
  remarks,
  rowsFor,
} from "./report-rows.ts";
import type { SimulationReport } from "./run-simulation.ts";

/** A report, or two side by side with what changed. @param names of the definitions, for the heads of two columns */
export const formatReports = (reports: readonly SimulationReport[], names: readonly string[]): string => {
  const [first, second] = reports;
  if (!first) return "";
  const { queue, ratePerS, seconds, seed, startHour } = first;
  const day = startHour === null ? "at all hours alike" : `from ${clockTime(startHour)}`;
  const title = `queue ${queue}, ${number(ratePerS, "/s", ratePerS % 1 === 0 ? 0 : 2)} for ${count(Math.round(seconds))} s ${day}, seed ${seed}`;
  return [
    title,
    figuresTable(first, second, names),
    ...reports.flatMap((report, index) => [
      second ? `by elo decile, ${names[index]}` : "by elo decile",
      groupsTable("elo", decilesOf(report)),
    ]),
    ...(first.byPartySize.length > 1 ? reports : []).flatMap((report, index) => [
      second ? `by party size, ${names[index]}` : "by party size",
      groupsTable("players", partySizesOf(report)),
    ]),
    ...reports
      .filter(({ matchPlayers }) => matchPlayers.length > 0)
      .flatMap((report, index) => [
        second ? `matches by players, ${names[index]}` : "matches by players",
        playersTable(report),
      ]),
    ...remarks(first),
  ].join("\n");
};

export const clockTime = (hour: number): string => {
  const minutes = Math.round(hour * 60) % (24 * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};

const figuresTable = (first: SimulationReport, second: SimulationReport | undefined, names: readonly string[]) => {
  const table = new Table({
    ...(second && { head: ["", names[0] ?? "", names[1] ?? "", "change"] }),
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rowsFor(second ? [first, second] : [first])) {
    const texts = second ? [row.text(second), difference(row, first, second)] : [];
    table.push([row.label, row.text(first), ...texts]);
  }
  return table.toString();
};

const playersTable = ({ matchPlayers }: SimulationReport): string => {
  const table = new Table({
    head: ["players", "began", "by the end"],
    colAligns: ["left", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { players, began, byTheEnd } of matchPlayers) {
    table.push([String(players), count(began), count(byTheEnd)]);
  }
  return table.toString();
};

const groupsTable = (head: string, groups: readonly (readonly [name: string, group: Group])[]): string => {
  const table = new Table({
    head: [head, ...GROUP_COLUMNS.map((column) => column.head)],
    colAligns: ["left", ...GROUP_COLUMNS.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, group] of groups) table.push([name, ...GROUP_COLUMNS.map(({ text }) => text(group))]);
  return table.toString();
};
