import { runProcess } from "@muster/core/service";
import { monitor } from "./service.ts";

await runProcess(monitor);
