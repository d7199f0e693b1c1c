import { runProcess } from "@muster/core/service";
import { playserver } from "./service.ts";

await runProcess(playserver);
