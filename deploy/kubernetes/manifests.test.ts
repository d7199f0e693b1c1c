import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PodMonitor, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Service } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

/** Held against the API's schemas of kubernetes-models, and strict about fields that those don't know. */
const FOLDER = import.meta.dirname;
const KINDS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ...{ Deployment, StatefulSet, Service, PodDisruptionBudget, NetworkPolicy, HorizontalPodAutoscaler },
  ...{ PodMonitor, ServiceMonitor },
};

interface Manifest {
  kind: string;
  metadata: { name: string };
}

/** Validators look at every field that they know, so one at which nobody looked is unknown. */
const watched = (value: unknown, path: string, unread: Set<string>): unknown => {
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  for (const [key, each] of Object.entries(value)) {
    const at = `${path}.${key}`;
    if (!Array.isArray(value)) unread.add(at);
    (copy as Record<string, unknown>)[key] = watched(each, at, unread);
  }
  return new Proxy(copy, {
    get: (target, key) => {
      unread.delete(`${path}.${String(key)}`);
      return Reflect.get(target, key);
    },
    ownKeys: (target) => {
      for (const key of Object.keys(target)) unread.delete(`${path}.${key}`);
      return Reflect.ownKeys(target);
    },
  });
};

const faultsOf = (manifest: Manifest): string[] => {
  const Kind = KINDS[manifest.kind];
  if (!Kind) return [`${manifest.kind} is no kind that is known here`];
  const unread = new Set<string>();
  try {
    // Without its constructor, which would copy, and so look at everything.
    Kind.prototype.validate.call(watched(manifest, "", unread));
  } catch (error) {
    return [String(error)];
  }
  return [...unread].map((field) => `${manifest.kind} ${manifest.metadata.name} has an unknown field ${field}`);
};

const folders = ["base", "overlays/dev", "overlays/production", "components/prometheus"];
const read = (path: string) => readFile(join(FOLDER, path), "utf8");
const manifestsOf = async (folder: string): Promise<[file: string, manifest: Manifest][]> => {
  const files = (await readdir(join(FOLDER, folder))).filter((file) => file !== "kustomization.yaml");
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
