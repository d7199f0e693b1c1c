import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { Matches } from "./components/matches.tsx";
import { MotionView } from "./components/motion-view.tsx";
import { Pipeline } from "./components/pipeline.tsx";
import { PlayerPanel } from "./components/player-panel.tsx";
import { Queues } from "./components/queues.tsx";
import { TesterPanel } from "./components/tester-panel.tsx";
import { TroubleList } from "./components/trouble-list.tsx";
import { useStream } from "./use-stream.ts";
import { number, percent } from "./words.ts";

export type Selected = { kind: "ticket" | "player"; id: string } | undefined;

const THEMES = ["auto", "light", "dark"] as const;
const SYSTEM_DARK = matchMedia("(prefers-color-scheme: dark)");

export const App = () => {
  const state = useStream();
  const [selected, select] = useState<Selected>();
  const [theme, setTheme] = useState(() => localStorage.getItem("muster-theme") ?? "auto");
  const [isDark, setDark] = useState(SYSTEM_DARK.matches);
  useEffect(() => {
    const follow = () => setDark(SYSTEM_DARK.matches);
    SYSTEM_DARK.addEventListener("change", follow);
    return () => SYSTEM_DARK.removeEventListener("change", follow);
  }, []);
  const shownTheme = theme === "auto" ? (isDark ? "dark" : "light") : theme;
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = shownTheme;
    localStorage.setItem("muster-theme", theme);
  }, [shownTheme, theme]);

  const perSecond = (what: "arrivals" | "matches") =>
    state.queues.reduce((sum, queue) => sum + queue.perSecond[what], 0);
  const dead = state.services.filter((service) => service.dead).length;
  const faults = state.trouble.filter(({ level }) => level === "fault").length;
  const health =
    state.connection !== "open" ? "lost" : faults > 0 ? "fault" : state.trouble.length > 0 ? "warning" : "fine";
  return (
    <>
      <header>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> Muster
        </h1>
        <p class={`health ${health}`} role="status">
          {state.connection === "connecting" && "Connecting …"}
          {state.connection === "lost" && "Connection lost: this is from before. Trying again …"}
          {state.connection === "open" &&
            (state.trouble.length === 0
              ? "All is well"
              : `${state.trouble.length} ${state.trouble.length === 1 ? "thing needs" : "things need"} a look`)}
        </p>
        <dl class="totals">
          <Total label="waiting" value={number(state.waitingTotal)} />
          <Total label="arrivals/s" value={number(perSecond("arrivals"), 1)} />
          <Total label="matches/s" value={number(perSecond("matches"), 1)} />
          <Total label="conflicts" value={state.conflictShare === null ? "–" : percent(state.conflictShare)} />
          <Total label="services" value={`${state.services.length - dead}${dead > 0 ? ` (${dead} dead)` : ""}`} />
        </dl>
        <nav aria-label="More">
          <button
            type="button"
            onClick={() => setTheme(THEMES[(THEMES.indexOf(theme as "auto") + 1) % THEMES.length] ?? "auto")}
          >
            Theme: {theme}
          </button>
          <a href="/docs">API</a>
        </nav>
      </header>
      <main>
        <div class="wide">
          <TroubleList trouble={state.trouble} />
          <MotionView state={state} selected={selected} onSelect={(id) => select({ kind: "ticket", id })} />
          <Pipeline services={state.services} doctor={state.doctor} tester={state.tester} />
          {/* Charts read their colours once. */}
          <Queues key={shownTheme} queues={state.queues} history={state.history} />
        </div>
        <aside aria-label="Players and matches">
          <PlayerPanel selected={selected} onSelect={select} tester={state.tester} />
          {state.tester && <TesterPanel queues={state.queues} runs={state.runs} />}
          <Matches matches={state.matches} sampled={state.sampled} onPlayer={(id) => select({ kind: "player", id })} />
        </aside>
      </main>
    </>
  );
};

const Total = ({ label, value }: { label: string; value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);
