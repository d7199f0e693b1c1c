import type { Bench } from "../bench.ts";
import { burst } from "./burst.ts";
import { duel200 } from "./duel-200.ts";
import { idle } from "./idle.ts";
import { instant } from "./instant/index.ts";
import { matching } from "./matching.ts";
import { monitor } from "./monitor.ts";
import { presence } from "./presence.ts";
import { readyChecks } from "./ready-checks.ts";

/** In the order in which they run. */
export const BENCHES: readonly Bench[] = [idle, duel200, burst, matching, monitor, presence, readyChecks, instant];
