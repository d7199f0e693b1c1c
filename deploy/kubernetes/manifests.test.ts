import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { faultsOf, type Manifest } from "./faults-of.ts";

/** The manifests as they stand in their files. */
const FOLDER = import.meta.dirname;

/** The second is for another program (components/prometheus). */
const NOT_MANIFESTS = new Set(["kustomization.yaml", "adapter-values.yaml"]);
const folders = ["base", "overlays/dev", "overlays/production", "components/prometheus"];
const read = (path: string) => readFile(join(FOLDER, path), "utf8");
const manifestsOf = async (folder: string): Promise<[file: string, manifest: Manifest][]> => {
  const files = (await readdir(join(FOLDER, folder))).filter((file) => !NOT_MANIFESTS.has(file));
  const read = files.map(async (file) => {
    const text = await readFile(join(FOLDER, folder, file), "utf8");
    return parseAllDocuments(text).map((document) => [file, document.toJS() as Manifest] as [string, Manifest]);
  });
  return (await Promise.all(read)).flat();
};

describe.each(folders)("%s", (folder) => {
  it("has manifests as the API knows them", async () => {
    const manifests = await manifestsOf(folder);
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.flatMap(([, manifest]) => faultsOf(manifest))).toEqual([]);
  });

  it("names files that are there, and all that are", async () => {
    const { resources, configMapGenerator = [] } = parse(await read(join(folder, "kustomization.yaml")));
    const files = new Set((await manifestsOf(folder)).map(([file]) => file));
    expect(resources.filter((name: string) => name.endsWith(".yaml")).sort()).toEqual([...files].sort());
    const named = configMapGenerator.flatMap(({ files = [] }: { files?: string[] }) => files);
    for (const file of named) await expect(readFile(resolve(FOLDER, folder, file))).resolves.toBeTruthy();
  });
});

it("notices a faulty field and an unknown one", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "x" }, spec: { ports: [{ port: 1 }] } };
  expect(faultsOf(service)).toEqual([]);
  expect(faultsOf({ ...service, spec: { ports: [{ port: "one" }] } } as Manifest)).not.toEqual([]);
  expect(faultsOf({ ...service, spec: { ports: [{ prot: 1, port: 1 }] } } as Manifest)).toEqual([
    "Service x has an unknown field .spec.ports.0.prot",
  ]);
});

it("has every network policy and budget choose what is there", async () => {
  const all = (await Promise.all(folders.map(manifestsOf))).flat().map(([, manifest]) => manifest);
  const components = new Set(
    all.flatMap((manifest) => {
      const { labels } = manifest.metadata as { labels?: Record<string, string> };
      return labels?.["app.kubernetes.io/component"] ?? [];
    }),
  );
  const chosen = JSON.stringify(all).matchAll(/"app\.kubernetes\.io\/component":"(\w+)"/g);
  for (const [, component = ""] of chosen) expect(components).toContain(component);
});
