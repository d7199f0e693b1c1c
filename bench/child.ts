import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";

/**
 * Calls to a process of a bench's own, by name and one argument, over its IPC channel. The process answers with
 * `answerCalls`; both sides import one interface of the calls, so that they agree.
 */
export type Calls = Record<string, (argument: never) => unknown>;

interface Asked {
  call: number;
  name: string;
  argument: unknown;
}

interface Answered {
  call: number;
  result?: unknown;
  failure?: string;
}

export interface Child<Handlers extends Calls> extends AsyncDisposable {
  readonly pid: number;
  /** Rejects with what the process threw, when it ends, or with the signal's reason. */
  ask<Name extends keyof Handlers & string>(
    name: Name,
    argument: Parameters<Handlers[Name]>[0],
  ): Promise<Awaited<ReturnType<Handlers[Name]>>>;
}

const STOP_LIMIT_MS = 10_000;

/**
 * Forks a module that calls `answerCalls`. Disposing of it ends it, politely at first.
 *
 * @param niceness by how much it yields to other processes, 0 to 19
 */
export const startChild = <Handlers extends Calls>(module: URL, signal: AbortSignal, niceness = 0): Child<Handlers> => {
  const process_ = fork(module, [], { serialization: "advanced" });
  if (niceness !== 0 && process_.pid !== undefined) setPriority(process_.pid, niceness);
  const open = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  let calls = 0;
  const failAll = (error: unknown) => {
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  process_.on("message", ({ call, result, failure }: Answered) => {
    const asked = open.get(call);
    open.delete(call);
    if (failure === undefined) asked?.resolve(result as never);
    else asked?.reject(new Error(`${module.pathname}: ${failure}`));
  });
  process_.once("error", failAll);
  process_.once("exit", (code, by) => failAll(new Error(`${module.pathname} ended with ${by ?? code}`)));
  const onAbort = () => failAll(signal.reason);
  signal.addEventListener("abort", onAbort);
  return {
    pid: process_.pid ?? 0,
    ask: (name, argument) => {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      open.set(++calls, { resolve, reject });
      process_.send({ call: calls, name, argument } satisfies Asked, (error) => error && reject(error));
      return promise;
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", onAbort);
      await end(process_);
    },
  };
};

const end = async (process_: ChildProcess): Promise<void> => {
  if (process_.exitCode !== null || process_.signalCode !== null) return;
  const exited = once(process_, "exit");
  process_.kill("SIGTERM");
  const limit = setTimeout(() => process_.kill("SIGKILL"), STOP_LIMIT_MS);
  await exited;
  clearTimeout(limit);
};

/** In the process: answers each call by the handler of that name. It ends when who started it is gone. */
export const answerCalls = (handlers: Calls): void => {
  process.on("disconnect", () => process.exit(1));
  // So that a profile, when one is asked of Node, is written.
  process.on("SIGTERM", () => process.exit(0));
  process.on("message", async ({ call, name, argument }: Asked) => {
    const answer: Answered = { call };
    try {
      answer.result = await handlers[name]?.(argument as never);
    } catch (error) {
      answer.failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    process.send?.(answer);
  });
};
