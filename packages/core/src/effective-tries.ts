import type { QueueDefinition } from "./queue-definition.ts";

/** When a step begins; exactly one of the two is given in a checked definition. */
interface Begin {
  readonly fromTry?: number;
  readonly afterMs?: number;
}

/** When a rule is dropped; at most one of the two is given in a checked definition. */
interface End {
  readonly untilTry?: number;
  readonly untilMs?: number;
}

type Rhythm = Pick<QueueDefinition, "retryEveryMs">;

/** Whether a queue's criteria widen with the time waited, not with the tries. */
export const widensByTime = ({ steps }: Pick<QueueDefinition, "steps">): boolean => steps[0]?.afterMs !== undefined;

/**
 * How far a ticket has come with widening, on the one scale that all steps and rules are measured on: its tries; or,
 * where criteria widen with the time waited, that time in units of `retryEveryMs`, fractions included.
 *
 * @param now ms since the epoch
 */
export const effectiveTries = (
  queue: Rhythm & Pick<QueueDefinition, "steps">,
  { tries, createdAt }: { readonly tries: number; readonly createdAt: number },
  now: number,
): number => (widensByTime(queue) ? Math.max(0, now - createdAt) / queue.retryEveryMs : tries);

/** The effective tries from which a step holds. */
export const beginOf = ({ retryEveryMs }: Rhythm, { fromTry, afterMs = 0 }: Begin): number =>
  fromTry ?? afterMs / retryEveryMs;

/** The effective tries from which a rule no longer holds; Infinity: it always does. */
export const endOf = ({ retryEveryMs }: Rhythm, { untilTry, untilMs = Infinity }: End): number =>
  untilTry ?? untilMs / retryEveryMs;

/** The last step that begins at or before so many effective tries. */
export const currentStep = <Step extends Begin>(queue: Rhythm, steps: readonly Step[], tries: number): Step => {
  const step = steps.findLast((candidate) => beginOf(queue, candidate) <= tries);
  // parseQueues has seen to it that the first step begins at 0.
  if (!step) throw new Error(`no step for ${tries} tries`);
  return step;
};

/** The criteria of a ticket with so many effective tries. */
export const stepFor = (queue: QueueDefinition, tries: number): QueueDefinition["steps"][number] =>
  currentStep(queue, queue.steps, tries);
