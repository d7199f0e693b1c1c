import { runProcess } from "@muster/core/service";
import { mover } from "./service.ts";

await runProcess(mover);
