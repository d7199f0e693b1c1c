import { runProcess } from "@muster/core/service";
import { webhooks } from "./service.ts";

await runProcess(webhooks);
