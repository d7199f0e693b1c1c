import type { Trouble } from "@muster/monitor/frames";

export const TroubleList = ({ trouble }: { trouble: readonly Trouble[] }) =>
  trouble.length === 0 ? null : (
    <section class="trouble" aria-label="Trouble">
      <ul>
        {trouble.map(({ what, todo, level }) => (
          <li key={what} class={level}>
            <strong>{what}.</strong> {todo}
          </li>
        ))}
      </ul>
    </section>
  );
