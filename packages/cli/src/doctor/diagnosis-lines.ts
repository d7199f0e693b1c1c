import type { Check } from "@muster/store";
import type { Diagnosis, Found } from "./run-doctor.ts";

/** What was found as lines for people: the check, what it found and, where something is wrong, what to do about it. */
export const diagnosisLines = ({ checks, faults }: Diagnosis): string[] => {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => checkLines(check, width));
  if (!faults) return lines;
  if (faults.length === 0) return [...lines, line("ok", "nothing is wrong with players, tickets, matches and indexes")];
  return [...lines, ...faults.flatMap(faultLines)];
};

const line = (word: string, text: string): string => `${word.padEnd(7)}  ${text}`;
const advice = (text: string): string => line("", `→ ${text}`);

const checkLines = ({ name, status, text, howToMend }: Check, width: number): string[] => [
  line(status, `${name.padEnd(width)}  ${text}`),
  ...(howToMend === undefined ? [] : [advice(howToMend)]),
];

const faultLines = ({ kind, text, outcome, howToMend, partition }: Found): string[] => {
  const found = `${partition === undefined ? "" : `${partition}: `}${kind}: ${text}`;
  switch (outcome) {
    case "mended":
      return [line("mended", found)];
    case "gone":
      return [line("gone", `${found}; it changed before it could be mended`)];
    default:
      return [line("wrong", found), advice(howToMend)];
  }
};
