import { escapeHtml } from "./escape-html.ts";

/** Small plots as inline SVG. Colours come from the page: class `s0` is the first series, `s1` the second. */

export interface Axis {
  label: string;
  max: number;
  format: (value: number) => string;
}

export interface BarGroup {
  label: string;
  /** One for each bar, with its class. */
  bars: readonly { value: number; style: string; title: string }[];
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 62;
const RIGHT = 18;
const TOP = 12;
const BOTTOM = 46;
const TICKS = 5;

export const barPlot = (title: string, y: Axis, xLabel: string, groups: readonly BarGroup[]): string => {
  const scale = axisScale(y);
  const groupWidth = (WIDTH - LEFT - RIGHT) / Math.max(1, groups.length);
  const parts = groups.map(({ label, bars }, index) => {
    const left = LEFT + index * groupWidth;
    const width = (groupWidth * 0.8) / Math.max(1, bars.length);
    const rects = bars.map((bar, place) => {
      const top = yOf(bar.value, scale.max);
      const x = left + groupWidth * 0.1 + place * width;
      return `<rect class="${escapeHtml(bar.style)}" x="${at(x)}" y="${at(top)}" width="${at(width * 0.92)}" height="${at(HEIGHT - BOTTOM - top)}"><title>${escapeHtml(bar.title)}</title></rect>`;
    });
    return `${rects.join("")}${text(left + groupWidth / 2, HEIGHT - BOTTOM + 16, label, "middle")}`;
  });
  return figure(title, [yAxis(y, scale), axisLabel(xLabel), ...parts]);
};

export interface PointSeries {
  points: readonly { x: number; y: number }[];
  style: string;
}

export const scatterPlot = (title: string, x: Axis, y: Axis, series: readonly PointSeries[]): string => {
  const [across, up] = [axisScale(x), axisScale(y)];
  const dots = series.flatMap(({ points, style }) =>
    points.map(
      (point) =>
        `<circle class="${escapeHtml(style)}" cx="${at(xOf(point.x, across.max))}" cy="${at(yOf(point.y, up.max))}" r="2"/>`,
    ),
  );
  return figure(title, [yAxis(y, up), xAxis(x, across), ...dots]);
};

/** Lines that rise in steps. */
export const stepPlot = (title: string, x: Axis, y: Axis, series: readonly PointSeries[]): string => {
  const [across, up] = [axisScale(x), axisScale(y)];
  const lines = series.map(({ points, style }) => {
    const steps = points.map((point) => `H${at(xOf(point.x, across.max))}V${at(yOf(point.y, up.max))}`).join("");
    return `<path class="line ${escapeHtml(style)}" d="M${at(xOf(0, 1))} ${at(yOf(0, 1))}${steps}H${WIDTH - RIGHT}"/>`;
  });
  return figure(title, [yAxis(y, up), xAxis(x, across), ...lines]);
};

interface Scale {
  max: number;
  step: number;
}

/** Round steps: 1, 2 or 5 times a power of ten. */
const axisScale = ({ max }: Axis): Scale => {
  const rough = Math.max(max, 1e-6) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
  return { step, max: Math.max(step, Math.ceil(max / step - 1e-9) * step) };
};

const ticksOf = ({ max, step }: Scale): number[] =>
  Array.from({ length: Math.round(max / step) + 1 }, (_, index) => index * step);

const yAxis = ({ label, format }: Axis, scale: Scale): string =>
  ticksOf(scale)
    .map((value) => {
      const y = yOf(value, scale.max);
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y)}" y2="${at(y)}"/>${text(LEFT - 6, y + 4, format(value), "end")}`;
    })
    .join("") +
  `<text class="label" transform="rotate(-90)" x="${-(TOP + HEIGHT - BOTTOM) / 2}" y="12" text-anchor="middle">${escapeHtml(label)}</text>`;

const xAxis = ({ label, format }: Axis, scale: Scale): string =>
  ticksOf(scale)
    .map((value) => text(xOf(value, scale.max), HEIGHT - BOTTOM + 16, format(value), "middle"))
    .join("") + axisLabel(label);

const axisLabel = (label: string): string =>
  `<text class="label" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(label)}</text>`;

const figure = (title: string, parts: readonly string[]): string =>
  `<figure><figcaption>${escapeHtml(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${parts.join("")}</svg></figure>`;

const text = (x: number, y: number, content: string, anchor: "middle" | "end"): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${escapeHtml(content)}</text>`;

/** Values beyond the axis lie on its end. */
const xOf = (value: number, max: number): number => LEFT + Math.min(1, value / max) * (WIDTH - LEFT - RIGHT);
const yOf = (value: number, max: number): number =>
  HEIGHT - BOTTOM - Math.min(1, value / max) * (HEIGHT - BOTTOM - TOP);
const at = (pixels: number): string => String(Math.round(pixels * 10) / 10);
