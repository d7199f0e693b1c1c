import type { ServiceView } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { runTester } from "../api.ts";
import { clock, number, percent, seconds } from "../words.ts";

/** In the order in which a player travels. */
const ROLES = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver", "webhooks", "archiver", "monitor"];

export const Pipeline = ({ services, tester }: { services: readonly ServiceView[]; tester: boolean }) => {
  const [said, say] = useState("");
  const kill = (service: string) =>
    runTester({ action: "kill", service }).then(say, (error: Error) => say(error.message));
  const roles = [...new Set([...ROLES, ...services.map(({ role }) => role)])];
  return (
    <section class="pipeline" aria-label="Pipeline">
      <h2>
        Pipeline <small role="status">{said}</small>
      </h2>
      <div class="roles">
        {roles.map((role) => {
          const those = services.filter((service) => service.role === role);
          return those.length === 0 ? null : (
            <div key={role} class="role">
              <h3>{role}</h3>
              {those.map((service) => (
                <Service key={service.name} service={service} onKill={tester ? kill : undefined} />
              ))}
            </div>
          );
        })}
      </div>
    </section>
  );
};

const Service = ({ service, onKill }: { service: ServiceView; onKill: ((name: string) => void) | undefined }) => {
  const { name, dead, load, holds, figures, at, startedAt, version, pid } = service;
  const isLeader = figures.leads === true;
  return (
    <article class={`service ${dead ? "dead" : isLeader ? "leads" : ""}`} data-service={name}>
      <h4>
        <i class="lamp" aria-hidden="true" />
        {name}
        {isLeader && <em>leads since {clock(Number(figures.leadsSince))}</em>}
        {dead && <em>dead since {clock(at)}</em>}
        {onKill && !dead && (
          <button type="button" onClick={() => onKill(name)} aria-label={`Kill ${name}`}>
            kill
          </button>
        )}
      </h4>
      <p title={`version ${version}, pid ${pid}`}>
        {percent(load.cpuShare)} of a core · {number(load.rssMiB)} MiB · up {seconds(at - startedAt)}
      </p>
      <p class="holds" title={holds.ids.join(", ")}>
        {holds.count === 0
          ? "holds nothing"
          : `${number(holds.count)}/s: ${holds.ids.slice(0, 3).map(shortId).join(", ")} …`}
      </p>
      <p class="figures">
        {Object.entries(figures)
          // Those of single queues stand at the queues.
          .filter(([figure, value]) => typeof value === "number" && figure !== "leadsSince" && !figure.includes(":"))
          .map(([figure, value]) => `${figure} ${number(Number(value))}`)
          .join(" · ")}
      </p>
    </article>
  );
};

const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 10)}…` : id);
