import { execFile } from "node:child_process";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { faultsOf, type Manifest } from "./faults-of.ts";

/** The overlays as kustomize puts them together and `kubectl apply` would send them. */
const call = promisify(execFile);
const UNRESTRICTED = ["--load-restrictor", "LoadRestrictionsNone"];
const RENDERERS = [
  ["kubectl", "kustomize"],
  ["kustomize", "build"],
] as const;

const findRenderer = async () => {
  for (const [program, command] of RENDERERS) {
    const works = await call(program, [command, "--help"]).then(
      () => true,
      () => false,
    );
    if (works) return [program, command] as const;
  }
  console.error("Neither kubectl nor kustomize is on this machine, so Kubernetes' overlays are NOT rendered.");
  return undefined;
};
const renderer = await findRenderer();

interface Workload extends Manifest {
  spec: {
    replicas?: number;
    scaleTargetRef?: { name: string };
    metrics?: { external?: { metric: { name: string } } }[];
    selector?: { matchLabels?: Record<string, string> };
    template?: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };
}
interface PodSpec {
  containers: { image: string; envFrom?: { configMapRef?: { name: string } }[] }[];
  volumes?: { configMap?: { name: string } }[];
}

const render = async (folder: string): Promise<Workload[]> => {
  const [program, command] = renderer ?? ["", ""];
  const { stdout } = await call(program, [command, ...UNRESTRICTED, folder], { maxBuffer: 16 * 2 ** 20 });
  return parseAllDocuments(stdout).map((document) => document.toJS());
};
const overlay = (name: string) => join(import.meta.dirname, "overlays", name);
const named = (manifests: readonly Workload[], kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const podsOf = (manifests: readonly Workload[]) => manifests.flatMap(({ spec }) => spec?.template?.spec ?? []);

describe.skipIf(!renderer)("the overlays, as they are rendered", { timeout: 30_000 }, () => {
  it.each(["dev", "production"])("%s is what the API knows, and complete in itself", async (name) => {
    const manifests = await render(overlay(name));
    expect(manifests.flatMap(faultsOf)).toEqual([]);
    // Names of what is made from files end with a hash of its content, so that a change starts pods anew.
    const maps = new Set(named(manifests, "ConfigMap").map(({ metadata }) => metadata.name));
    const used = podsOf(manifests).flatMap(({ containers, volumes = [] }) => [
      ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef?.name)),
      ...volumes.map(({ configMap }) => configMap?.name),
    ]);
    expect(new Set(used.filter((each) => each !== undefined))).toEqual(maps);
    const pods = manifests.flatMap(({ spec }) => (spec?.template ? [spec.template.metadata.labels] : []));
    for (const { metadata, spec } of named(manifests, "PodDisruptionBudget")) {
      const chosen = pods.filter((labels) =>
        Object.entries(spec.selector?.matchLabels ?? {}).every(([label, value]) => labels[label] === value),
      );
      expect(chosen, metadata.name).toHaveLength(1);
    }
  });

  it("production takes the image that it names, and leaves the number of what is scaled alone", async () => {
    const manifests = await render(overlay("production"));
    const images = new Set(podsOf(manifests).flatMap(({ containers }) => containers.map(({ image }) => image)));
    expect([...images].sort()).toEqual(["nginx:1.28-bookworm", "registry.example.com/muster:0.1.0"]);
    const scaled = named(manifests, "HorizontalPodAutoscaler").map(({ spec }) => spec.scaleTargetRef?.name);
    expect(scaled.sort()).toEqual(["matchmaker", "orchestrator", "playserver"]);
    const replicas = named(manifests, "Deployment").map(({ metadata, spec }) => [metadata.name, spec.replicas]);
    expect(Object.fromEntries(replicas)).toEqual({
      ...{ mover: 2, nginx: 2, monitor: 1, sweeper: 1 },
      ...{ matchmaker: undefined, orchestrator: undefined, playserver: undefined },
    });
  });

  it("an overlay with the component for Prometheus is monitored in its own namespace", async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "muster-overlay-")));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const from = (path: string) => relative(folder, join(import.meta.dirname, path));
    const lines = [
      "kind: Kustomization",
      "namespace: muster",
      `resources: [${from("overlays/production")}]`,
      `components: [${from("components/prometheus")}]`,
    ];
    await writeFile(join(folder, "kustomization.yaml"), lines.join("\n"));
    const manifests = await render(folder);
    expect(manifests.flatMap(faultsOf)).toEqual([]);
    for (const kind of ["PodMonitor", "ServiceMonitor"])
      expect(named(manifests, kind)).toMatchObject([{ metadata: { namespace: "muster" } }]);
  });
});

it("Prometheus' adapter offers the figure by which matchmakers are scaled, under its name", async () => {
  const read = (path: string) => readFile(join(import.meta.dirname, path), "utf8");
  const autoscalers = parseAllDocuments(await read("overlays/production/scaling.yaml")).map(
    (document): Workload => document.toJS(),
  );
  const asked = autoscalers
    .flatMap(({ spec }) => spec.metrics ?? [])
    .flatMap(({ external }) => external?.metric.name ?? []);
  const { rules } = parse(await read("components/prometheus/adapter-values.yaml"));
  const offered = rules.external.filter((rule: { seriesQuery: string; name: { matches: string } }) =>
    asked.every((name) => rule.seriesQuery.includes(`__name__="${name}"`) && new RegExp(rule.name.matches).test(name)),
  );
  expect(asked).toEqual(["muster_search_delay_seconds"]);
  expect(offered).toHaveLength(1);
});
