import { PodMonitor, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Service } from "kubernetes-models/v1";

/** Holds manifests against the API's schemas of kubernetes-models, strictly: with no field that those don't know. */
const KINDS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ...{ Deployment, StatefulSet, Service, PodDisruptionBudget, NetworkPolicy, HorizontalPodAutoscaler },
  ...{ PodMonitor, ServiceMonitor, ConfigMap },
};

export interface Manifest {
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

/** What the API would not take of a manifest, in words. */
export const faultsOf = (manifest: Manifest): string[] => {
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
