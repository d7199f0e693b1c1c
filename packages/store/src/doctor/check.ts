/**
 * `advice`: it works, and could do better. `unknown`: this user may not look.
 */
export interface Check {
  name: string;
  status: "ok" | "advice" | "wrong" | "unknown";
  /** What was found. */
  text: string;
  /** What to do about it; absent when all is well. */
  howToMend?: string;
}
