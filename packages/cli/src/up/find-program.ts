import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

// Where systems keep servers that a user's PATH often leaves out.
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/sbin", "/opt/homebrew/bin"];

/** The first of these programs that is on PATH or where servers are kept; undefined when there is none. */
export const findProgram = (names: readonly string[], env: NodeJS.ProcessEnv): string | undefined => {
  const folders = [...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""), ...MORE_FOLDERS];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
};

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
