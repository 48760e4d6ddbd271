/** Points of one measurement; all values over 0. */
export interface Series {
  name: string;
  /** One character, for the terminal. */
  mark: string;
  points: { x: number; y: number }[];
}

export interface PlotWords {
  title: string;
  /** What somebody who does not see it should know. */
  description: string;
  xAxis: string;
  yAxis: string;
}

/** The exponent b of y = a · x^b: the slope of the line through the logarithms, by least squares. */
export function exponentOf({ points }: Pick<Series, 'points'>): number {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const mean = (pick: (point: { x: number; y: number }) => number): number =>
    logs.reduce((sum, point) => sum + pick(point), 0) / logs.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  return mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
}

/** Draws both axes in powers, so that what grows with a power is a straight line and its exponent the slope. */
export function textPlot(series: Series[], { xAxis, yAxis }: PlotWords, columns = 60, rows = 16): string {
  const frame = frameOf(series);
  const grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
  for (const { mark, points } of series) {
    for (const point of points) {
      const { left, top } = placeIn(frame, point, columns - 1, rows - 1);
      const row = grid[Math.round(top)] ?? [];
      const taken = row[Math.round(left)];
      row[Math.round(left)] = taken === ' ' || taken === mark ? mark : '*';
    }
  }
  const label = (row: number): string => {
    const decade = frame.decades.find(
      (y) => Math.round(placeIn(frame, { x: frame.left, y }, columns - 1, rows - 1).top) === row,
    );
    return decade === undefined ? '' : thousands(decade);
  };
  const lines = grid.map((row, index) => `${label(index).padStart(8)} │${row.join('').trimEnd()}`);
  const ticks = Array.from({ length: columns }, () => ' ');
  for (const x of xValues(series)) {
    const text = String(x);
    const { left } = placeIn(frame, { x, y: frame.bottom }, columns - 1, rows - 1);
    const start = Math.min(columns - text.length, Math.round(left));
    ticks.splice(start, text.length, ...text);
  }
  const legend = series.map(({ mark, name }) => `${mark} ${name}`).join(', ');
  return [
    `${yAxis} (${legend})`,
    ...lines,
    `${' '.repeat(8)} └${'─'.repeat(columns)}`,
    `${' '.repeat(10)}${ticks.join('').trimEnd()}`,
    `${' '.repeat(10)}${xAxis}`,
  ].join('\n');
}

const WIDTH = 640;
const HEIGHT = 400;
const INSET = { left: 72, right: 150, top: 24, bottom: 56 };
/** Legible on white and on black alike, and told apart by the dashes without any colour. */
const INK = '#727a84';
const STROKES = [
  { color: '#c9552f', dash: '' },
  { color: '#2f7fc4', dash: '8 5' },
];

/** The same as a picture without a background, for light and dark pages; `<title>` and `<desc>` for those who do not see it. */
export function svgPlot(series: Series[], words: PlotWords): string {
  const frame = frameOf(series);
  const [width, height] = [WIDTH - INSET.left - INSET.right, HEIGHT - INSET.top - INSET.bottom];
  const at = (point: { x: number; y: number }): { x: number; y: number } => {
    const { left, top } = placeIn(frame, point, width, height);
    return { x: round(INSET.left + left), y: round(INSET.top + top) };
  };
  const right = WIDTH - INSET.right;
  const floor = HEIGHT - INSET.bottom;
  const levels = frame.decades.map((value) => {
    const { y } = at({ x: frame.left, y: value });
    return `<path d="M${INSET.left} ${y}H${right}" stroke="${INK}" stroke-opacity="0.3"/><text x="${INSET.left - 8}" y="${y + 4}" text-anchor="end">${thousands(value)}</text>`;
  });
  const ticks = xValues(series).map((value) => {
    const { x } = at({ x: value, y: frame.bottom });
    return `<text x="${x}" y="${floor + 18}" text-anchor="middle">${value}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="${INK}">
<title id="title">${escaped(words.title)}</title>
<desc id="desc">${escaped(words.description)}</desc>
${levels.join('\n')}
<path d="M${INSET.left} ${INSET.top}V${floor}H${right}" fill="none" stroke="${INK}"/>
${ticks.join('\n')}
<text x="${(INSET.left + right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${escaped(words.xAxis)}</text>
<text x="18" y="${(INSET.top + floor) / 2}" text-anchor="middle" transform="rotate(-90 18 ${(INSET.top + floor) / 2})">${escaped(words.yAxis)}</text>
${series.map((one, index) => drawn(one, index, at)).join('\n')}
</svg>
`;
}

function drawn(
  { name, points }: Series,
  index: number,
  at: (point: { x: number; y: number }) => { x: number; y: number },
): string {
  const { color, dash } = STROKES[index % STROKES.length] ?? { color: INK, dash: '' };
  const places = points.map(at);
  const line = `<polyline points="${places.map(({ x, y }) => `${x},${y}`).join(' ')}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  const dots = places.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3.5" fill="${color}"/>`);
  const end = places.at(-1) ?? { x: 0, y: 0 };
  return `${line}\n${dots.join('')}\n<text x="${end.x + 10}" y="${end.y + 4}" fill="${color}">${escaped(name)}</text>`;
}

/** The values that the drawing spans, and the powers of ten among them. */
interface Frame {
  left: number;
  right: number;
  bottom: number;
  top: number;
  decades: number[];
}

function frameOf(series: Series[]): Frame {
  const points = series.flatMap((one) => one.points);
  const ys = points.map(({ y }) => y);
  const bottom = 10 ** Math.floor(Math.log10(Math.min(...ys)));
  const top = 10 ** Math.ceil(Math.log10(Math.max(...ys)));
  const decades: number[] = [];
  for (let value = bottom; value <= top; value *= 10) decades.push(value);
  const xs = points.map(({ x }) => x);
  return { left: Math.min(...xs), right: Math.max(...xs), bottom, top, decades };
}

function placeIn(
  frame: Frame,
  { x, y }: { x: number; y: number },
  width: number,
  height: number,
): { left: number; top: number } {
  const share = (value: number, low: number, high: number): number => Math.log(value / low) / Math.log(high / low);
  return { left: share(x, frame.left, frame.right) * width, top: (1 - share(y, frame.bottom, frame.top)) * height };
}

function xValues(series: Series[]): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
}

/** `10 k`, `1 M`: axes have little room. */
function thousands(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
