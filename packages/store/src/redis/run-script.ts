import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

/** A Lua script. Its header in the .lua file is its signature; the function that calls it stands beside it. */
export interface Script {
  lua: string;
  sha: string;
}

export const loadScript = (file: URL): Script => {
  const lua = readFileSync(file, "utf8");
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
};

export type ScriptArgument = string | number;

/** Runs a script by its hash; a server that doesn't know it yet (or forgot it in a restart) is sent the text. */
export const runScript = async (
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> => {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    // NOSCRIPT refuses before anything ran, so that a second call is safe.
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return await redis.eval(script.lua, keys.length, ...keys, ...args);
  }
};
