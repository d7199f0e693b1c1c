/** Calls of the same origin: Muster's API beside this page, and the tester. */

export const getJson = async <Answer>(path: string): Promise<Answer> => {
  const response = await fetch(path, { signal: AbortSignal.timeout(5_000) });
  const answer = (await response.json()) as Answer & { detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `${path} answered ${response.status}`);
  return answer;
};

const KEY = "muster-admin-key";

/** Kept for this tab only; `#key=…` in the address, as `muster up` prints it, sets it and is then removed. */
export const adminKey = (): string => {
  const [, given] = /^#key=(.+)$/.exec(location.hash) ?? [];
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? "";
};

export const setAdminKey = (key: string): void => sessionStorage.setItem(KEY, key);

/** @returns what was done, in words @throws Error with what is wrong */
export const runTester = async (request: Readonly<Record<string, unknown>>): Promise<string> => {
  const response = await fetch("/monitor/tester", {
    method: "POST",
    headers: { "content-type": "application/json", "x-muster-admin-key": adminKey() },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(8_000),
  });
  const answer = (await response.json()) as { done?: string; detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `the tester answered ${response.status}`);
  return answer.done ?? "done";
};
