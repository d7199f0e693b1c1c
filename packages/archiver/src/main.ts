import { runProcess } from "@muster/core/service";
import { archiver } from "./service.ts";

await runProcess(archiver);
