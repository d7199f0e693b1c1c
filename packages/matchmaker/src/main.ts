import { runProcess } from "@muster/core/service";
import { matchmaker } from "./service.ts";

await runProcess(matchmaker);
