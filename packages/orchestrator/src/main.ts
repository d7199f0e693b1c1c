import { runProcess } from "@muster/core/service";
import { orchestrator } from "./service.ts";

await runProcess(orchestrator);
