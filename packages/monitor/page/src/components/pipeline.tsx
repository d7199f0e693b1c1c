import type { ServiceView, Snapshot } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { runTester } from "../api.ts";
import { clock, firstOf, number, percent, uptime } from "../words.ts";

/** In the order in which a player travels. */
const ROLES = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver", "webhooks", "archiver", "monitor"];

interface Props {
  services: readonly ServiceView[];
  doctor: Snapshot["doctor"];
  tester: boolean;
}

export const Pipeline = ({ services, doctor, tester }: Props) => {
  const [said, say] = useState("");
  const end = (action: "kill" | "restart", service: string) =>
    runTester({ action, service }).then(say, (error: Error) => say(error.message));
  const roles = [...new Set([...ROLES, ...services.map(({ role }) => role)])];
  return (
    <section class="pipeline" aria-label="Pipeline">
      <h2>
        Pipeline <small role="status">{said}</small>
        <small class="doctor">
          {doctor === null
            ? "The doctor has not looked: run muster doctor --deep"
            : `The doctor found ${doctor.faults === 0 ? "nothing amiss" : `${doctor.faults} faults`} at ${clock(doctor.at)}`}
        </small>
      </h2>
      <div class="roles">
        {roles.map((role) => {
          const those = services.filter((service) => service.role === role);
          return those.length === 0 ? null : (
            <div key={role} class="role">
              <h3>{role}</h3>
              {those.map((service) => (
                <Service key={service.name} service={service} onEnd={tester ? end : undefined} />
              ))}
            </div>
          );
        })}
      </div>
    </section>
  );
};

interface ServiceProps {
  service: ServiceView;
  onEnd: ((action: "kill" | "restart", name: string) => void) | undefined;
}

const Service = ({ service, onEnd }: ServiceProps) => {
  const { name, dead, load, holds, figures, at, startedAt, version, pid } = service;
  const isLeader = figures.leads === true;
  return (
    <article class={`service ${dead ? "dead" : isLeader ? "leads" : ""}`} data-service={name}>
      <h4>
        <i class="lamp" aria-hidden="true" />
        {name}
        {isLeader && (
          <em>
            leads since {clock(Number(figures.leadsSince))}, fence {String(figures.mover ?? "–")}
          </em>
        )}
        {dead && <em>dead since {clock(at)}</em>}
        {onEnd && !dead && (
          <span class="ends">
            {(["restart", "kill"] as const).map((action) => (
              <button
                key={action}
                type="button"
                onClick={() => onEnd(action, name)}
                aria-label={`${action === "kill" ? "Kill" : "Restart"} ${name}`}
              >
                {action}
              </button>
            ))}
          </span>
        )}
      </h4>
      <p>
        {percent(load.cpuShare)} of a core · {number(load.rssMiB)} MiB · up {uptime(at - startedAt)}
      </p>
      <p>
        version {version} · pid {pid}
      </p>
      <p class="holds" title={holds.ids.join(", ")}>
        {holds.count === 0 ? "holds nothing" : `${number(holds.count)}/s: ${firstOf(holds.ids, 3)}`}
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
