import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromInstantProcess, ToInstantProcess } from "../../instant-process.ts";

const ENTRY = fileURLToPath(new URL("../../instant-process.ts", import.meta.url));

/** Users in a process of their own, which lives until it is killed. */
export const askProcess = (
  order: ToInstantProcess,
  signal: AbortSignal,
): { child: ChildProcess; answer: Promise<FromInstantProcess> } => {
  const child = fork(ENTRY);
  const answer = new Promise<FromInstantProcess>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the process of users ended with code ${code}`)));
    child.once("message", (message) => resolve(message as FromInstantProcess));
    child.send(order);
  });
  return { child, answer };
};
