import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until the answer is yes; an error counts as no. @throws when it is not within the limit */
export const until = async (what: string, limitMs: number, ask: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if (await ask().catch(() => false)) return;
    await sleep(50);
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
};
