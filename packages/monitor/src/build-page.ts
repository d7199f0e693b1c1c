/** Builds the monitor's page into the image, where nothing is there to build it with when it starts. */
import { loadPage } from "./page-files.ts";

const files = await loadPage();
console.log(`${files.size} files`);
