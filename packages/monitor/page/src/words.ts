/** Numbers and times as people read them. */

export const seconds = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
};

export const number = (value: number | null | undefined, digits = 0): string =>
  value === null || value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: digits });

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const clock = (at: number): string => new Date(at).toLocaleTimeString("en-GB");

/** Of many, the first few, and that there are more. */
export const firstOf = (ids: readonly string[], most: number): string =>
  ids.slice(0, most).map(shortId).join(", ") + (ids.length > most ? " and more" : "");

const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 10)}…` : id);

/** How long something runs: the longer, the rougher. */
export const uptime = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1_000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
};

/** Of the team that is stronger, by Elo's formula. */
export const winProbability = (eloGap: number): number => 1 / (1 + 10 ** (-Math.abs(eloGap) / 400));
