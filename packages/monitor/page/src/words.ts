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
  ids.slice(0, most).map(shortId).join(", ") + (ids.length > most ? " …" : "");

export const shortId = (id: string): string => (id.length > 14 ? `${id.slice(0, 12)}…` : id);

/** Of the team that is stronger, by Elo's formula. */
export const winProbability = (eloGap: number): number => 1 / (1 + 10 ** (-Math.abs(eloGap) / 400));
