/**
 * Runs a program on our terminal and passes signals on.
 *
 * One Ctrl-C reaches us several times: from the terminal, which signals the whole process group, and from npm, which
 * passes on what it got itself. A program that stops in order takes a second signal as "stop at once". So a program
 * with a session of its own hears signals from us only, and repeats within a moment count as one. A person who
 * presses Ctrl-C again later does mean it, and is heard.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @type {NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const REPEAT_MS = 1000;

/**
 * @typedef {object} Outcome
 * @property {number} exitCode The program's own, or 128 + the signal's number
 * @property {NodeJS.Signals | null} stoppedBy The signal that was passed on; null when there was none
 *
 * @param {string[]} command
 * @param {object} options
 * @param {Record<string, string | undefined>} options.env
 * @param {string} [options.cwd]
 * @param {boolean} [options.ownSession] False for programs that ask for a password: they need our terminal as theirs
 * @param {import("node:child_process").StdioOptions} [options.stdio]
 * @returns {Promise<Outcome>} Rejects when the program can't be started.
 */
export async function runCommand([program, ...args], { env, cwd, ownSession = true, stdio = "inherit" }) {
  const child = spawn(String(program), args, { env, cwd, stdio, detached: ownSession });
  /** @type {NodeJS.Signals | null} */
  let stoppedBy = null;
  let lastSignalAt = Number.NEGATIVE_INFINITY;
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    const now = performance.now();
    const isRepeat = now - lastSignalAt < REPEAT_MS;
    lastSignalAt = now;
    if (isRepeat) return;
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, passOn);
  try {
    const exitCode = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
    return { exitCode, stoppedBy };
  } finally {
    for (const signal of FORWARDED) process.off(signal, passOn);
  }
}
