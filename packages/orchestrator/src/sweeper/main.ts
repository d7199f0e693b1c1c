import { runProcess } from "@muster/core/service";
import { sweeper } from "./service.ts";

await runProcess(sweeper);
