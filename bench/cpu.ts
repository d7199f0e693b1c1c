import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** CPU time and memory of processes, from /proc; where there is none (macOS) nothing is measured. */

/** A process to measure, together with its children: nginx works in them. */
export interface Measured {
  name: string;
  pid: number | undefined;
}

export interface CpuReading {
  /** ms on a clock that only rises */
  at: number;
  /** CPU seconds by name, of all threads and of ended children, since each process began. */
  seconds: ReadonlyMap<string, number>;
  /** Seconds that the machine's cores did nothing, all together. */
  idleSeconds: number;
}

/** Linux gives these times in ticks of 10 ms on every architecture that Node runs on (USER_HZ). */
const TICKS_PER_S = 100;

/** Null where the operating system doesn't tell. */
export const readCpu = (measured: readonly Measured[]): CpuReading | null => {
  const processes = listProcesses();
  if (!processes) return null;
  const seconds = new Map(measured.map(({ name }) => [name, 0]));
  const named = nameProcesses(measured, processes);
  for (const { pid, ticks } of processes.values()) {
    const name = named(pid);
    if (name !== undefined) seconds.set(name, (seconds.get(name) ?? 0) + ticks / TICKS_PER_S);
  }
  return { at: performance.now(), seconds, idleSeconds: readIdleSeconds() };
};

export interface CpuUse {
  /** Cores that each used on average: 0.5 is half of one core. */
  cores: ReadonlyMap<string, number>;
  /** Cores that everything else on this machine used, or that a virtual machine was not given. */
  otherCores: number;
}

export const cpuBetween = (before: CpuReading, after: CpuReading): CpuUse => {
  const elapsedS = (after.at - before.at) / 1_000;
  const cores = new Map<string, number>();
  // A process that was started anew in between has used less than the one before it: that is not measured.
  for (const [name, seconds] of after.seconds) {
    cores.set(name, Math.max(0, seconds - (before.seconds.get(name) ?? 0)) / elapsedS);
  }
  const machineCores = cpus().length - (after.idleSeconds - before.idleSeconds) / elapsedS;
  return { cores, otherCores: Math.max(0, machineCores - sumOf(cores.values())) };
};

/** More than this and the figures say as much of the others as of Muster. */
const QUIET_BELOW_CORES = 0.25;

/** What a reader must know of a machine that had other things to do as well. */
export const noteOfOthers = (otherCores: number): string[] =>
  otherCores < QUIET_BELOW_CORES
    ? []
    : [`This machine was busy with other things (${otherCores.toFixed(2)} cores): measure again when it is quiet.`];

/** Memory in RAM in MiB by name; empty where the operating system doesn't tell. */
export const readRssMiB = (measured: readonly Measured[]): Map<string, number> => {
  const result = new Map<string, number>();
  const processes = listProcesses();
  if (!processes) return result;
  const named = nameProcesses(measured, processes);
  for (const pid of processes.keys()) {
    const name = named(pid);
    const kiB = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
    if (name !== undefined) result.set(name, (result.get(name) ?? 0) + kiB / 1_024);
  }
  return result;
};

export const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

interface Process {
  pid: number;
  parent: number;
  ticks: number;
}

const listProcesses = (): Map<number, Process> | null => {
  if (process.platform !== "linux") return null;
  const processes = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => readProcess(Number(entry)))
    .filter((found) => found !== undefined);
  return new Map(processes.map((each) => [each.pid, each]));
};

/** Undefined when it is gone by now. */
const readProcess = (pid: number): Process | undefined => {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in brackets and may hold anything. After it: state, parent, … and as the 12th to
  // 15th the ticks in user mode and in the kernel, of itself and then of its ended children (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(fields[1]), ticks: sumOf(fields.slice(11, 15).map(Number)) };
};

/** @returns the name of the nearest measured process among a process and its ancestors; undefined when there is none */
const nameProcesses = (measured: readonly Measured[], processes: ReadonlyMap<number, Process>) => {
  const names = new Map(measured.flatMap(({ name, pid }) => (pid === undefined ? [] : [[pid, name] as const])));
  return (pid: number): string | undefined => {
    for (let at = processes.get(pid); at; at = processes.get(at.parent)) {
      const name = names.get(at.pid);
      if (name !== undefined) return name;
    }
    return undefined;
  };
};

/**
 * From /proc/stat, idle and waiting for disks. The kernel measures idle time, while it only samples the busy time of a
 * core and misses work that is shorter than a tick.
 */
const readIdleSeconds = (): number => {
  const [idle = 0, waiting = 0] = (/^cpu +(.*)/.exec(read("/proc/stat") ?? "")?.[1] ?? "")
    .split(" ")
    .slice(3)
    .map(Number);
  return (idle + waiting) / TICKS_PER_S;
};

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};
