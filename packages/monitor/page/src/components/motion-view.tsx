import type { WaitingPoint } from "@muster/monitor/frames";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Selected } from "../app.tsx";
import { Motion, type Palette } from "../motion.ts";
import type { State } from "../state.ts";
import { number, seconds } from "../words.ts";

interface Props {
  state: State;
  selected: Selected;
  onSelect: (ticket: string) => void;
}

/** Players in motion: who waits at which elo for how long, and leaves in a match. */
export const MotionView = ({ state, selected, onSelect }: Props) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const motion = useRef(new Motion());
  const latest = useRef({ state, selected });
  const [hovered, setHovered] = useState<WaitingPoint>();
  const hover = useRef<string | undefined>(undefined);
  latest.current = { state, selected };
  hover.current = hovered?.id;

  useEffect(() => {
    motion.current.update(state, performance.now());
  }, [state.seq]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    let palette = readPalette();
    let paletteAt = 0;
    let offsetMs = 0;
    let handle = 0;
    const frame = (time: number) => {
      handle = requestAnimationFrame(frame);
      const { state, selected } = latest.current;
      // The server's clock, carried on between its frames.
      if (state.at > 0) offsetMs = Math.max(offsetMs - 2, state.at - time);
      if (time - paletteAt > 1_000) [palette, paletteAt] = [readPalette(), time];
      const scale = devicePixelRatio || 1;
      const { clientWidth: width, clientHeight: height } = element;
      if (element.width !== Math.round(width * scale)) element.width = Math.round(width * scale);
      if (element.height !== Math.round(height * scale)) element.height = Math.round(height * scale);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      motion.current.draw(context, width, height, {
        ...{ frame: time, now: time + offsetMs, queues: state.queues, services: state.services, palette },
        ...{ selected: selected?.id, hovered: hover.current },
      });
      element.dataset.motes = String(motion.current.size);
    };
    handle = requestAnimationFrame(frame);
    return () => cancelAnimationFrame(handle);
  }, []);

  const pointAt = (event: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    return box && motion.current.at(event.clientX - box.left, event.clientY - box.top);
  };
  const shown = state.waiting.size;
  return (
    <section class="motion" aria-label="Players in motion">
      <h2>
        Players in motion
        <small>
          {shown < state.waitingTotal
            ? `${number(shown)} of ${number(state.waitingTotal)} shown`
            : `${number(shown)} waiting`}
        </small>
        <span class="legend" aria-hidden="true">
          <i class="waiting" /> waiting <i class="matched" /> matched <i class="cancelled" /> cancelled{" "}
          <i class="expired" /> expired
        </span>
      </h2>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${shown} tickets wait, drawn by elo and by how long they have waited. The search on the right finds any player.`}
        onMouseMove={(event) => setHovered(pointAt(event))}
        onMouseLeave={() => setHovered(undefined)}
        onClick={(event) => {
          const point = pointAt(event);
          if (point) onSelect(point.id);
        }}
      />
      <p class="hint">
        {hovered
          ? `${hovered.queue} · elo ${number(hovered.elo)} · ${hovered.players === 1 ? "one player" : `a party of ${hovered.players}`} · ${seconds(Math.max(0, state.at - hovered.since))} so far`
          : "Each point is a ticket at its elo; it drifts to the right as it waits, and its range widens. A matchmaker looks at it (line), finds its match, and a mover commits that. Click one."}
      </p>
    </section>
  );
};

const readPalette = (): Palette => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...{ line: colour("line"), text: colour("soft"), waiting: colour("waiting"), matched: colour("matched") },
    ...{ cancelled: colour("cancelled"), expired: colour("expired"), range: colour("range") },
  };
};
