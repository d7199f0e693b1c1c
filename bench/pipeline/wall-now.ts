/** Asked once: to ask takes longer than the time of day itself. */
const origin = performance.timeOrigin;

/** ms since the epoch with fractions, the same in all processes of a machine. */
export const wallNow = (): number => origin + performance.now();
