import { readFile } from "node:fs/promises";
import { ConfigError, ConfigFault } from "../config-error.ts";
import { parseQueues } from "../parse-queues.ts";
import type { Queues } from "../queue-definition.ts";

/**
 * Reads and checks a file of queue definitions.
 *
 * @param home the deployment's own partition, MUSTER_PARTITION
 * @throws ConfigError that names the file and every fault in it
 */
export const readQueues = async (file: string, home?: string): Promise<Queues> => {
  const fault = (reason: string) => new ConfigError([new ConfigFault(file, "/", reason)]);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw fault(error.code === "ENOENT" ? "no such file; set MUSTER_QUEUES to your queues file" : error.message);
  });
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw fault(`is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  return parseQueues(input, file, home);
};
