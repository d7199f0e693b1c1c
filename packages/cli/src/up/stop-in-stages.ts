import type { Part } from "./part.ts";
import { STOP_STAGES } from "./roles.ts";

/** The parts in the stages in which they stop. */
export const inStages = <Each extends Pick<Part, "role">>(parts: readonly Each[]): Each[][] =>
  STOP_STAGES.map((roles) => parts.filter(({ role }) => roles.includes(role)));

/** Stops all parts, one stage after the other. A part that takes longer than the limit is killed, and `onSlow` told. */
export const stopInStages = async (
  parts: readonly Part[],
  options: { limitMs: number; onSlow(part: Part): void },
): Promise<void> => {
  for (const stage of inStages(parts)) {
    await Promise.all(
      stage.map(async (part) => {
        if (!(await part.stop(options.limitMs))) options.onSlow(part);
      }),
    );
  }
};
