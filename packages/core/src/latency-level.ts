/** Highest average ping of latency levels 1 to 4; level 5 is above. */
const LEVELS_UP_TO_MS = [100, 200, 300, 400];

/** Latency level of an average ping: 1 up to 100 ms, 2 up to 200, 3 up to 300, 4 up to 400, 5 above. */
export const latencyLevel = (pingMs: number): number => LEVELS_UP_TO_MS.filter((limit) => pingMs > limit).length + 1;
