import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const HAS_PROC = existsSync("/proc/self/stat");

/**
 * When a process began, as the operating system tells it. A pid is reused one day; a pid with its start is not, so both
 * together recognise a process that an earlier run wrote down.
 *
 * @returns undefined when there is no such process, or only its exit status is left
 */
export const processStart = (pid: number): string | undefined => (HAS_PROC ? fromProc(pid) : fromPs(pid));

const fromProc = (pid: number): string | undefined => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the command in brackets and may hold anything; the state is the first after it, the start the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
};

const fromPs = (pid: number): string | undefined => {
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const [state = "", ...start] = (stdout ?? "").trim().split(/\s+/);
  return state === "" || state.startsWith("Z") ? undefined : start.join(" ");
};
