/** ms since the epoch with fractions, the same in all processes of a machine. */
export const wallNow = (): number => performance.timeOrigin + performance.now();
