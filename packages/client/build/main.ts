import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { CORE_DECLARATIONS, contractTypes } from "./contract-types.ts";

/**
 * Builds dist/, which is the package that is published: one ESM file without a dependency, and declarations that need
 * nothing either. Inside this repository everybody imports src/ instead, so that nothing has to be built first.
 */

const client = fileURLToPath(new URL("..", import.meta.url));
const root = join(client, "../..");
const emitted = join(root, "node_modules/.cache/tsc");
const dist = join(client, "dist");

/** The oldest that Node 20 and the browsers of its time run. */
const TARGET = "es2022";

const buildCode = () =>
  build({
    root: client,
    configFile: false,
    logLevel: "error",
    build: {
      lib: { entry: join(client, "src/index.ts"), formats: ["es"], fileName: () => "index.js" },
      outDir: dist,
      emptyOutDir: true,
      target: TARGET,
      minify: false,
    },
  });

/** TypeScript's declarations, with core's types beside them. */
const buildTypes = async (): Promise<void> => {
  await promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-b", join(client, "tsconfig.json")]);
  const wanted = new Set<string>();
  // Those that the index leads to; what else there is are the SDK's own affairs.
  const files = ["index"];
  for (const file of files) {
    const text = await readFile(join(emitted, "client", `${file}.d.ts`), "utf8");
    for (const name of namesFromCore(text)) wanted.add(name);
    for (const name of namesBeside(text)) if (!files.includes(name)) files.push(name);
    await writeFile(join(dist, `${file}.d.ts`), standingAlone(text));
  }
  await writeFile(join(dist, "core.d.ts"), contractTypes([...wanted].sort()));
  for (const name of CORE_DECLARATIONS) {
    const to = join(dist, "core", `${name}.d.ts`);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, standingAlone(await readFile(join(emitted, "core", `${name}.d.ts`), "utf8")));
  }
};

const namesFromCore = (text: string): string[] =>
  [...text.matchAll(/\{([^{}]*)\} from "@muster\/core"/g)].flatMap(([, names = ""]) =>
    names
      .split(",")
      .map((name) => name.replace("type ", "").trim())
      .filter(Boolean),
  );

const namesBeside = (text: string): string[] =>
  [...text.matchAll(/from "\.\/([\w-]+)\.ts"/g)].map(([, name = ""]) => name);

/** Declarations as others resolve them: with .js for .ts, and core's beside them. */
const standingAlone = (text: string): string =>
  text
    .replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"')
    .replaceAll('from "@muster/core"', 'from "./core.js"')
    .replaceAll('from "@muster/core/compare"', 'from "./core/instant/compare.js"');

const writePackage = async (): Promise<void> => {
  const { version, license } = JSON.parse(await readFile(join(client, "package.json"), "utf8"));
  const description = "Muster's SDK: matchmaking for game servers (realms) and for players, in Node and in browsers";
  const manifest = {
    ...{ name: "@muster/client", version, description, license, type: "module", sideEffects: false },
    engines: { node: ">=20.3" },
    exports: { ".": { types: "./index.d.ts", import: "./index.js" } },
    types: "./index.d.ts",
  };
  await writeFile(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(client, "README.md"), join(dist, "README.md"));
  await cp(join(root, "LICENSE"), join(dist, "LICENSE"));
};

await rm(dist, { recursive: true, force: true });
await buildCode();
await buildTypes();
await writePackage();
