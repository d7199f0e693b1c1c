import type { Bench } from "../bench.ts";
import { burst } from "./burst.ts";
import { commit } from "./commit.ts";
import { costs } from "./costs.ts";
import { duel200 } from "./duel-200.ts";
import { foresight } from "./foresight.ts";
import { growth } from "./growth.ts";
import { idle } from "./idle.ts";
import { instant } from "./instant/index.ts";
import { manyPartitions } from "./many-partitions.ts";
import { matching } from "./matching.ts";
import { monitor } from "./monitor.ts";
import { overload } from "./overload.ts";
import { partitions } from "./partitions.ts";
import { peer } from "./peer.ts";
import { pipelineCore } from "./pipeline-core.ts";
import { pipelineHttp } from "./pipeline-http.ts";
import { presence } from "./presence.ts";
import { readyChecks } from "./ready-checks.ts";
import { relay } from "./relay.ts";
import { simulate } from "./simulate.ts";
import { slotMove } from "./slot-move.ts";
import { stages } from "./stages.ts";

/** In the order in which they run. */
export const BENCHES: readonly Bench[] = [
  ...[idle, duel200, burst, matching, simulate, foresight, monitor],
  ...[stages, costs, pipelineCore, pipelineHttp, overload, commit, peer, growth, relay],
  ...[presence, readyChecks, instant],
  ...[partitions, manyPartitions, slotMove],
];

/** What runs when no bench is named: the whole path and its parts, each with a goal. */
export const MAIN: readonly Bench[] = [matching, pipelineCore, pipelineHttp, commit, peer, growth, relay];
