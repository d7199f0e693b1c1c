import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SystemProcess } from "@muster/cli";
import { WebSocket } from "ws";
import { type Fault, type Leader, movers, pick, type Scene } from "./scene.ts";

/** As movers are told by default. */
const LEASE_MS = 1_000;
const LEASE_OVER_MS = LEASE_MS + 700;

const someOf = ({ system, random }: Scene, role: string) =>
  pick(
    system.processes.filter((each) => each.role === role),
    random,
  );

/** One that leads, one that stands by, or all that lead; whichever is there when nobody does at the moment. */
const aLeader = async (scene: Scene): Promise<Leader[]> => (await movers(scene)).slice(0, 1);
const aStandby = async (scene: Scene): Promise<Leader[]> => (await movers(scene)).slice(-1);
const allLeaders = async (scene: Scene): Promise<Leader[]> => {
  const all = await movers(scene);
  return all.filter(({ led }, index) => led.length > 0 || index === 0);
};

const onMovers =
  (which: (scene: Scene) => Promise<Leader[]>, work: (process: SystemProcess) => unknown): Fault =>
  async (scene) => {
    const those = await which(scene);
    scene.tookLeaderOf(those.flatMap(({ led }) => led));
    await Promise.all(those.map(({ process }) => work(process)));
  };

const kill =
  (role: string): Fault =>
  async (scene) => {
    someOf(scene, role).kill("SIGKILL");
  };

/** It wakes up and believes that no time has passed. */
const pauseProcess = async (process: SystemProcess): Promise<void> => {
  process.kill("SIGSTOP");
  await sleep(LEASE_OVER_MS);
  process.kill("SIGCONT");
};

const pause =
  (role: string): Fault =>
  (scene) =>
    pauseProcess(someOf(scene, role));

/** A clean stop; the supervisor starts it again. */
const restart =
  (role: string): Fault =>
  async (scene) => {
    someOf(scene, role).kill(role === "nginx" ? "SIGQUIT" : "SIGTERM");
  };

/** Watches everybody and reads nothing. */
const slowWatcher: Fault = async ({ system, players }) => {
  const socket = new WebSocket(`${system.url.replace("http", "ws")}/v1/realm`);
  socket.on("error", () => {});
  await once(socket, "open");
  for (let copies = 0; copies < 20; copies++) socket.send(JSON.stringify({ op: "watch", players }));
  socket.pause();
  await sleep(3_000);
  socket.terminate();
};

/** The clock of one process is set a minute ahead, or behind; it starts anew with that, and is set right while it runs. */
const skewClock = (ms: number): Fault => {
  return async (scene) => {
    const process = pick(
      scene.system.processes.filter(({ role }) => role !== "nginx" && role !== "redis"),
      scene.random,
    );
    const file = join(scene.clocks, process.name);
    await writeFile(file, String(ms));
    await sleep(1_500);
    process.kill("SIGKILL");
    await sleep(2_500);
    await writeFile(file, "0");
    await sleep(1_000);
  };
};

const SERVICES = ["orchestrator", "sweeper", "matchmaker", "playserver", "nginx"];
const each = (what: string, make: (role: string) => Fault): [string, Fault][] =>
  SERVICES.map((role) => [`${what} ${role}`, make(role)]);

/** Of processes of Muster and of who calls it. */
export const PROCESS_FAULTS: Readonly<Record<string, Fault>> = {
  ...Object.fromEntries([...each("kill", kill), ...each("pause", pause), ...each("restart", restart)]),
  "kill a leading mover": onMovers(aLeader, (mover) => mover.kill("SIGKILL")),
  "kill all leading movers": onMovers(allLeaders, (mover) => mover.kill("SIGKILL")),
  "kill the standby mover": onMovers(aStandby, (mover) => mover.kill("SIGKILL")),
  "restart a leading mover": onMovers(aLeader, (mover) => mover.kill("SIGTERM")),
  "restart the standby mover": onMovers(aStandby, (mover) => mover.kill("SIGTERM")),
  "pause a leading mover past its lease": onMovers(aLeader, pauseProcess),
  "pause all leading movers past their leases": onMovers(allLeaders, pauseProcess),
  "pause the standby mover": onMovers(aStandby, pauseProcess),
  "kill one of each": async (scene) => {
    for (const role of ["orchestrator", "matchmaker", "mover", "playserver", "sweeper"])
      someOf(scene, role).kill("SIGKILL");
  },
  "kill all matchmakers and movers": async ({ system }) => {
    for (const { role, kill: signal } of system.processes)
      if (role === "matchmaker" || role === "mover") signal("SIGKILL");
  },
  "a watcher that reads nothing": slowWatcher,
  "a clock a minute ahead": skewClock(60_000),
  "a clock a minute behind": skewClock(-60_000),
};
