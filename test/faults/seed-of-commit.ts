import { execFileSync } from "node:child_process";

/** Another with each commit, so that over time every fault meets every other; 1 where there is no repository. */
export const seedOfCommit = (): number => {
  try {
    const hash = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return Number.parseInt(hash.slice(0, 7), 16);
  } catch {
    return 1;
  }
};
