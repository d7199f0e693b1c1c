import { readFile } from "node:fs/promises";
import { MAX_TOKEN_S, signToken } from "@muster/access";
import { type Clock, ID_RULE, isId } from "@muster/core";
import { EXIT } from "../exit-codes.ts";
import { parseDuration } from "../load/duration.ts";
import type { Output } from "../queues/check.ts";

export interface TokenOptions {
  player: string;
  /** File of the private key. */
  key: string;
  for: string;
  json?: boolean;
}

/** `muster token`: one for a player, as a realm makes it. @returns the exit code */
export const makeToken = async (options: TokenOptions, clock: Clock, { out, err }: Output): Promise<number> => {
  const { player, key } = options;
  const forS = Math.floor((parseDuration(options.for) ?? 0) / 1_000);
  if (!isId(player)) return refuse(err, `--player ${ID_RULE}`);
  if (forS < 1 || forS > MAX_TOKEN_S) return refuse(err, "--for must be a time from 1s to 24h, as 15m");
  try {
    // What isn't a key is refused below, by whoever signs.
    const privateKey = JSON.parse(await readFile(key, "utf8")) as Parameters<typeof signToken>[1];
    const now = clock.now();
    const token = await signToken(player, privateKey, forS, now);
    const expiresAt = new Date(now + forS * 1_000).toISOString();
    out(options.json ? JSON.stringify({ player, token, expiresAt }) : token);
    return EXIT.ok;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(err, `--key ${key} can't sign: ${reason}; muster keys signer makes one`);
  }
};

const refuse = (err: Output["err"], fault: string): number => {
  err(fault);
  return EXIT.config;
};
