/** Sends a signal. False when the process, or the whole group, is gone already. */
const send = (target: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

export const signalProcess = (pid: number, signal: NodeJS.Signals): boolean => send(pid, signal);

/** For a child that leads a process group: reaches its own children too, as nginx's workers. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): boolean => send(-pid, signal);
