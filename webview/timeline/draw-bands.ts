import { totalOf } from '../../extension/protocol/run-tree.ts';
import { costText, duration, line, plural } from '../format.ts';
import { type CellState, stateOfCall } from '../states.ts';
import { type Bar, firstAfter } from './packing.ts';
import { BAND_HEAD, type BandRows, QUEUE_HEIGHT, type Row } from './rows.ts';
import { font, HEAD, hatch, type Pen, type Scene, timeIn, write, xIn } from './scene.ts';

/** Bars are at least as wide, so that what took a moment can be seen. */
const LEAST_WIDTH = 2;
/** From this size on a bar has room for its sign, and for its label. */
const SIGN_WIDTH = 11;
const SIGN_HEIGHT = 8;
const LABEL_WIDTH = 46;
const LABEL_HEIGHT = 12;

/** The bands in sight: each a panel over the time of its phase, with its header, lanes and bars. */
export function drawBands(pen: Pen, scene: Scene): void {
  const { rows, sight, height, width } = scene;
  pen.save();
  pen.beginPath();
  pen.rect(0, HEAD, width, height - HEAD);
  pen.clip();
  pen.translate(0, HEAD - sight.top);
  for (const band of rows.bands) {
    if (band.y + band.height < sight.top || band.y > sight.top + height - HEAD) continue;
    drawPanel(pen, scene, band);
    for (const row of band.rows) drawRow(pen, scene, row);
    drawQueue(pen, scene, band);
    drawHeader(pen, scene, band);
  }
  for (const bar of [scene.selected, scene.hovered, scene.active]) if (bar) drawRing(pen, scene, bar);
  pen.restore();
}

/** From where the phase begins to where the last of what is in it ends. */
function panelOf(scene: Scene, { phase, rows }: BandRows): { left: number; right: number } | null {
  if (phase.beganAt === null) return null;
  let end = Math.max(phase.beganAt, phase.endedAt ?? phase.beganAt);
  for (const { lane } of rows) end = Math.max(end, lane.bars.at(-1)?.to ?? scene.now);
  return { left: xIn(scene, phase.beganAt) - 5, right: xIn(scene, end) + 5 };
}

function drawPanel(pen: Pen, scene: Scene, band: BandRows): void {
  const { palette, width } = scene;
  const panel = panelOf(scene, band);
  if (!panel || band.rows.length === 0) return;
  const left = Math.max(-9, panel.left);
  const right = Math.min(width + 9, panel.right);
  if (right < left) return;
  pen.beginPath();
  pen.roundRect(left, band.y + BAND_HEAD - 4, right - left, band.height - BAND_HEAD + 4, 6);
  pen.fillStyle = palette.raised;
  pen.fill();
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  pen.stroke();
}

/** The title stands where the phase begins, and stays in sight while any of the phase is. */
function drawHeader(pen: Pen, scene: Scene, band: BandRows): void {
  const { palette, width, now } = scene;
  const { phase } = band;
  const title = line(phase.title, 60) || 'Agents';
  const total = totalOf(phase.counts);
  const begun = phase.beganAt !== null;
  const facts = [
    total > 0 ? plural(total, 'agent') : '',
    total > 0 && begun ? duration((phase.endedAt ?? now) - (phase.beganAt ?? now)) : '',
    costText(phase.usage),
    phase.counts.working > 0 ? `${phase.counts.working} at work` : '',
    phase.counts.failed > 0 ? `${phase.counts.failed} failed` : '',
    begun ? '' : 'not begun',
  ];
  const words = facts.filter(Boolean).join(' · ');
  const titleFont = font(palette, 1, '600');
  const wordsFont = font(palette, 0.92);
  pen.font = titleFont;
  const titleWidth = pen.measureText(title).width;
  pen.font = wordsFont;
  const all = titleWidth + 9 + pen.measureText(words).width;
  const panel = panelOf(scene, band);
  const x = Math.max(10, Math.min(panel ? panel.left + 1 : 10, width - all - 10));
  const y = band.y + BAND_HEAD / 2 - 2;
  pen.font = titleFont;
  pen.fillStyle = begun ? palette.strong : palette.quiet;
  const written = write(pen, title, x, y, width - x - 10);
  pen.font = wordsFont;
  pen.fillStyle = palette.quiet;
  write(pen, words, x + written + 9, y, width - x - written - 19);
}

/** The bars of a lane that are in sight, each after the thin line of its waiting. What lies on one pixel is drawn once. */
function drawRow(pen: Pen, scene: Scene, row: Row): void {
  const { width, now, palette } = scene;
  const { bars } = row.lane;
  let covered = Number.NEGATIVE_INFINITY;
  let coveredBy = '';
  let before = Number.NEGATIVE_INFINITY;
  for (let index = Math.max(0, firstAfter(bars, timeIn(scene, 0)) - 1); index < bars.length; index++) {
    const bar = bars[index]!;
    const left = xIn(scene, bar.from);
    if (left > width && xIn(scene, bar.call.issuedAt) > width) break;
    if (!scene.shown(bar)) continue;
    const right = Math.max(left + LEAST_WIDTH, xIn(scene, bar.to ?? now));
    const opacity = scene.opacity(bar);
    const state = toneOf(scene, bar);
    const waited = Math.max(before, xIn(scene, bar.call.issuedAt));
    if (left - waited > 2 && state !== 'reused') {
      pen.globalAlpha = 0.75 * opacity;
      pen.fillStyle = palette.contrast ? palette.quiet : palette.states.waiting;
      pen.fillRect(waited + 1, Math.round(row.y + row.height / 2), left - waited - 1, 1);
    }
    before = right;
    const key = `${state}${opacity}`;
    if (right <= covered && coveredBy === key) continue;
    pen.globalAlpha = opacity;
    drawBar(pen, scene, { bar, state, x: left, y: row.y, width: right - left, height: row.height });
    if (right > covered) [covered, coveredBy] = [right, key];
  }
  pen.globalAlpha = 1;
}

/** A question stays amber once it is answered; whether it is open is told by its end. */
function toneOf({ tree }: Scene, { call, lane }: Bar): CellState {
  const state = stateOfCall(tree, call);
  return lane.kind === 'asks' && (state === 'succeeded' || state === 'reused') ? 'asks' : state;
}

interface Placed {
  bar: Bar;
  state: CellState;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How much of its colour a bar has that is neither done nor failed; in every theme the text of the editor can be read on it. */
const PALE: Partial<Record<CellState, number>> = { reused: 0.6, skipped: 0.45, stopped: 0.45, waiting: 0.45 };

function drawBar(pen: Pen, scene: Scene, placed: Placed): void {
  const { palette } = scene;
  const { bar, state, y, height } = placed;
  const open = bar.to === null;
  const pale = open ? 0.42 : PALE[state];
  // What is far out of sight is no concern of the browser.
  const x = Math.max(-20, placed.x);
  const width = Math.min(scene.width + 20, placed.x + placed.width) - x;
  // A hair between one bar and the next of its lane, where there is room for it.
  const body = width > 4 ? width - 1 : width;
  const colour = palette.states[state];
  // Most of ten thousand bars are slivers; filling a path costs several times what a rectangle does.
  if (body <= 5 && !palette.contrast) {
    pen.fillStyle = colour;
    return pen.fillRect(x, y, body, height);
  }
  pen.beginPath();
  if (body > 5 && height > 5) pen.roundRect(x, y, body, height, 2.5);
  else pen.rect(x, y, body, height);
  if (palette.contrast && body > 3) return drawContrast(pen, scene, { ...placed, x, width: body });
  const alpha = pen.globalAlpha;
  pen.fillStyle = colour;
  if (pale !== undefined && body > 5) pen.globalAlpha = alpha * pale;
  pen.fill();
  pen.globalAlpha = alpha;
  if (open && body > 5) pen.fillRect(x, y, 3, height);
  drawInside(pen, scene, { ...placed, x, width: body }, pale === undefined ? palette.ground : palette.strong);
}

/** In high contrast a state has an outline and a pattern of its own. */
function drawContrast(pen: Pen, scene: Scene, placed: Placed): void {
  const { palette } = scene;
  const { bar, state, x, y, width, height } = placed;
  const colour = palette.states[state];
  const open = bar.to === null;
  const solid = !open && (state === 'succeeded' || state === 'failed' || state === 'asks');
  pen.fillStyle = solid ? colour : palette.ground;
  pen.fill();
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  if (state === 'stopped' || state === 'skipped') pen.setLineDash([2, 2]);
  pen.stroke();
  pen.setLineDash([]);
  if (open) {
    pen.lineWidth = 1;
    hatch(pen, x, y, width, height, state === 'asks' ? 4 : 6);
  }
  if (open && width > LABEL_WIDTH && height >= LABEL_HEIGHT) {
    pen.fillStyle = palette.ground;
    pen.fillRect(x + 3, y + 1, width - 6, height - 2);
  }
  drawInside(pen, scene, placed, solid ? palette.ground : palette.strong);
}

/** The sign of the state, so that it can be told without colour, and the label, where they have room. */
function drawInside(pen: Pen, scene: Scene, { bar, state, x, y, width, height }: Placed, colour: string): void {
  if (width < SIGN_WIDTH || height < SIGN_HEIGHT) return;
  const middle = y + height / 2;
  // The label stays in sight while any of its bar is.
  const left = Math.max(x, 0);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.3;
  const signed = drawSign(pen, state, left + 7.5, middle);
  const room = x + width - left;
  if (room < LABEL_WIDTH || height < LABEL_HEIGHT) return;
  pen.fillStyle = colour;
  pen.font = font(scene.palette, Math.min(0.9, (height - 2) / scene.palette.size));
  const { checkpoint, label } = bar.call.info;
  const from = signed ? 14 : 6;
  write(pen, line(checkpoint?.question ?? label, 120), left + from, middle + 0.5, room - from - 4);
}

function drawSign(pen: Pen, state: CellState, x: number, y: number): boolean {
  pen.beginPath();
  switch (state) {
    case 'failed':
      pen.moveTo(x - 2.5, y - 2.5);
      pen.lineTo(x + 2.5, y + 2.5);
      pen.moveTo(x + 2.5, y - 2.5);
      pen.lineTo(x - 2.5, y + 2.5);
      break;
    case 'skipped':
    case 'stopped':
      pen.moveTo(x - 2.5, y);
      pen.lineTo(x + 2.5, y);
      break;
    case 'asks':
      pen.moveTo(x, y - 3.5);
      pen.lineTo(x + 3.5, y);
      pen.lineTo(x, y + 3.5);
      pen.lineTo(x - 3.5, y);
      pen.closePath();
      break;
    case 'working':
      pen.arc(x, y, 2.8, 0, 2 * Math.PI);
      break;
    case 'reused':
      pen.arc(x, y, 2.6, -Math.PI, Math.PI / 2);
      break;
    default:
      return false;
  }
  pen.stroke();
  return true;
}

/** What is issued and waits for a place, as one thin line up to now. */
function drawQueue(pen: Pen, scene: Scene, { band, queueY }: BandRows): void {
  if (!band || queueY === null) return;
  const { palette, tree, now, width } = scene;
  let since = now;
  for (const id of band.waiting) since = Math.min(since, tree.calls.get(id)?.issuedAt ?? now);
  const words = `${band.waiting.size} waiting`;
  const right = Math.min(width, xIn(scene, now));
  const left = Math.max(0, xIn(scene, since));
  const middle = queueY + QUEUE_HEIGHT / 2;
  pen.font = font(palette, 0.88);
  const room = pen.measureText(words).width;
  const x = Math.max(8, Math.min(right - room - 8, width - room - 8));
  pen.strokeStyle = palette.contrast ? palette.quiet : palette.states.waiting;
  pen.lineWidth = 2;
  pen.setLineDash([2, 3]);
  pen.beginPath();
  pen.moveTo(left, middle);
  pen.lineTo(Math.max(left, Math.min(right, x - 6)), middle);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = palette.quiet;
  pen.fillText(words, x, middle);
}

/** Around the bar; what it waited for its place is drawn in full. */
function drawRing(pen: Pen, scene: Scene, bar: Bar): void {
  const row = scene.rows.rowOf.get(bar.lane);
  if (!row || !scene.shown(bar)) return;
  const { palette, width, now } = scene;
  const from = xIn(scene, bar.from);
  const left = Math.max(-20, from);
  const right = Math.min(width + 20, Math.max(from + LEAST_WIDTH, xIn(scene, bar.to ?? now)));
  const issued = Math.max(-20, xIn(scene, bar.call.issuedAt));
  pen.lineWidth = bar === scene.hovered ? 1 : 2;
  pen.strokeStyle = bar === scene.active ? palette.focus : palette.strong;
  if (left - issued > 3) {
    pen.fillStyle = pen.strokeStyle;
    pen.fillRect(issued, Math.round(row.y + row.height / 2), left - issued - 2, 1);
    pen.fillRect(issued, row.y + row.height / 2 - 3, 1, 7);
  }
  if (right < left) return;
  pen.beginPath();
  pen.roundRect(left - 2, row.y - 2, right - left + 3, row.height + 4, 4);
  pen.stroke();
}
