import { usedWords } from '../../extension/protocol/usage-words.ts';
import { cost, count, duration, totalTokens } from '../format.ts';
import { type Piece, sinceBegin, ticksOf } from './axis.ts';
import { drawBands } from './draw-bands.ts';
import { averageBetween } from './moments.ts';
import {
  AXIS_HEIGHT,
  font,
  HEAD,
  hatch,
  PAD,
  type Pen,
  type Scene,
  STRIP_HEIGHT,
  timeIn,
  write,
  xIn,
} from './scene.ts';

const TICKS_APART = 92;
const FAINT = 0.5;
/** Between two places where the load is looked at, in pixels. */
const STRIP_STEP = 2;

/** The whole picture, in pixels of the page. */
export function drawTimeline(pen: Pen, scene: Scene): void {
  const { palette, width, height, axis } = scene;
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = 'middle';
  drawGrid(pen, scene);
  drawPauses(pen, scene);
  drawBands(pen, scene);
  drawStrip(pen, scene);
  drawAxis(pen, scene);
  for (const piece of axis.pieces) if (piece.skipped) drawBreak(pen, scene, piece);
  drawNow(pen, scene);
  drawScrolled(pen, scene);
}

function ticks({ axis, sight, width }: Scene) {
  return ticksOf(axis, sight.scale, { from: sight.left - PAD, to: sight.left + width - PAD }, TICKS_APART);
}

function drawGrid(pen: Pen, scene: Scene): void {
  pen.fillStyle = scene.palette.line;
  pen.globalAlpha = scene.palette.contrast ? FAINT / 2 : FAINT;
  for (const { x } of ticks(scene)) pen.fillRect(Math.round(PAD + x - scene.sight.left), HEAD, 1, scene.height - HEAD);
  pen.globalAlpha = 1;
}

function drawAxis(pen: Pen, scene: Scene): void {
  const { palette, width, sight } = scene;
  pen.fillStyle = palette.line;
  pen.fillRect(0, STRIP_HEIGHT, width, 1);
  pen.fillRect(0, HEAD - 1, width, 1);
  pen.font = font(palette, 0.92);
  for (const { x, label } of ticks(scene)) {
    const at = Math.round(PAD + x - sight.left);
    pen.fillStyle = palette.line;
    pen.fillRect(at, HEAD - 6, 1, 5);
    pen.fillStyle = palette.quiet;
    write(pen, label, at + 4, STRIP_HEIGHT + AXIS_HEIGHT / 2, TICKS_APART);
  }
}

/** How many were at work, against how many may be, and over it what was spent by then. */
function drawStrip(pen: Pen, scene: Scene): void {
  const { palette, packing, tree, width, now, axis } = scene;
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, width, HEAD);
  const limit = tree.run?.limits.concurrency ?? 1;
  const foot = STRIP_HEIGHT - 1;
  const rise = (STRIP_HEIGHT - 18) / limit;
  const right = Math.min(width, xIn(scene, now));
  const left = Math.max(0, xIn(scene, axis.begin));
  pen.beginPath();
  pen.moveTo(left, foot);
  for (let x = left; x < right; x += STRIP_STEP) {
    const next = Math.min(right, x + STRIP_STEP);
    const span = { from: timeIn(scene, x), to: timeIn(scene, next) };
    const y = foot - Math.max(0, averageBetween(packing.starts, packing.ends, span)) * rise;
    pen.lineTo(x, y);
    pen.lineTo(next, y);
  }
  pen.lineTo(right, foot);
  pen.closePath();
  pen.fillStyle = palette.states.working;
  pen.globalAlpha = palette.contrast ? 0.9 : 0.38;
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = palette.quiet;
  pen.lineWidth = 1;
  pen.setLineDash([3, 4]);
  const top = Math.round(foot - limit * rise) + 0.5;
  pen.beginPath();
  pen.moveTo(left, top);
  pen.lineTo(Math.min(width, xIn(scene, axis.end)), top);
  pen.stroke();
  pen.setLineDash([]);
  drawSpent(pen, scene, left, right, foot, top);
  pen.font = font(palette, 0.92);
  pen.fillStyle = palette.quiet;
  write(pen, `at most ${limit} at work`, PAD, 9, width / 2);
}

/** What the agents of this attempt had come to when they ended, on top of what was used before. */
function drawSpent(pen: Pen, scene: Scene, left: number, right: number, foot: number, top: number): void {
  const { palette, packing, tree, width } = scene;
  const priced = tree.usage.costUsd !== null && tree.usage.costUsd > 0;
  const series = priced ? packing.costs : packing.ends;
  const total = priced ? (tree.usage.costUsd ?? 0) : totalTokens(tree.usage);
  if (total === 0) return;
  const before = Math.max(0, total - series.weightAt(Number.POSITIVE_INFINITY));
  pen.beginPath();
  for (let x = left; x <= right; x += STRIP_STEP) {
    const y = foot - ((before + series.weightAt(timeIn(scene, x))) / total) * (foot - top);
    if (x === left) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
  pen.strokeStyle = palette.states.succeeded;
  pen.lineWidth = 1.5;
  pen.stroke();
  const words = usedWords(tree.usage, priced ? `${cost(total)} spent` : `${count(total)} tokens`);
  pen.font = font(palette, 0.92);
  pen.fillStyle = palette.text;
  const room = pen.measureText(words).width;
  if (room < width / 2) write(pen, words, Math.max(PAD, Math.min(width - PAD, right) - room), 9, room + 1);
}

/** A stretch that is left out: torn edges from top to bottom, and between them how long it was, and why. */
function drawBreak(pen: Pen, scene: Scene, { from, to }: Piece): void {
  const { palette, width, height } = scene;
  const left = Math.round(xIn(scene, from));
  const right = Math.round(xIn(scene, to));
  if (right < 0 || left > width) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, right - left, height);
  pen.clip();
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  pen.globalAlpha = palette.contrast ? 1 : 0.8;
  for (const edge of [left + 3, right - 3]) {
    pen.beginPath();
    for (let y = 0; y <= height; y += 6) pen.lineTo(edge + (y % 12 === 0 ? -2.5 : 2.5), y);
    pen.stroke();
  }
  pen.restore();
  pen.fillStyle = palette.ground;
  pen.fillRect(left + 1, STRIP_HEIGHT + 1, right - left - 2, AXIS_HEIGHT - 2);
  pen.fillRect(left + 1, STRIP_HEIGHT / 2, right - left - 2, 16);
  pen.fillStyle = palette.quiet;
  pen.font = font(palette, 0.88);
  pen.textAlign = 'center';
  pen.fillText(duration(to - from), (left + right) / 2, STRIP_HEIGHT + AXIS_HEIGHT / 2);
  pen.fillText(reasonOf(scene, from, to), (left + right) / 2, STRIP_HEIGHT / 2 + 8);
  pen.textAlign = 'left';
}

/** Why nothing was at work: the longest of what held it up. */
export function reasonOf(
  { tree, packing, now }: Pick<Scene, 'tree' | 'packing' | 'now'>,
  from: number,
  to: number,
): string {
  const shared = (begin: number, end: number | null) => Math.max(0, Math.min(end ?? now, to) - Math.max(begin, from));
  const paused = tree.pauses.reduce((sum, pause) => sum + shared(pause.from, pause.to), 0);
  let asked = 0;
  for (const { lanes } of packing.bands.values())
    for (const { bars } of lanes.asks) for (const bar of bars) asked = Math.max(asked, shared(bar.from, bar.to));
  const half = (to - from) / 2;
  if (asked > half) return 'no answer';
  return paused > half ? 'paused' : 'no work';
}

function drawPauses(pen: Pen, scene: Scene): void {
  const { palette, tree, now, width, height } = scene;
  for (const { from, to } of tree.pauses) {
    const left = Math.max(0, xIn(scene, from));
    const right = Math.min(width, xIn(scene, to ?? now));
    if (right <= left) continue;
    pen.strokeStyle = palette.states.asks;
    pen.lineWidth = 1;
    pen.globalAlpha = palette.contrast ? 0.7 : 0.28;
    hatch(pen, left, HEAD, Math.max(1, right - left), height - HEAD, 7);
    pen.globalAlpha = 1;
  }
}

function drawNow(pen: Pen, scene: Scene): void {
  const { live, palette, now, width, height } = scene;
  const x = Math.round(xIn(scene, now));
  if (!live || x < 0 || x > width) return;
  pen.fillStyle = palette.states.working;
  pen.fillRect(x, STRIP_HEIGHT, 1.5, height - STRIP_HEIGHT);
  pen.font = font(palette, 0.92, '600');
  const words = `now ${sinceBegin(Math.floor((now - scene.axis.begin) / 1000) * 1000)}`;
  const room = pen.measureText(words).width + 10;
  const left = Math.min(width - room, x);
  pen.fillRect(left, STRIP_HEIGHT + 3, room, AXIS_HEIGHT - 6);
  pen.fillStyle = palette.ground;
  pen.fillText(words, left + 5, STRIP_HEIGHT + AXIS_HEIGHT / 2);
}

/** Where the bands are scrolled to; there only where they do not all have room. */
function drawScrolled(pen: Pen, { rows, sight, palette, width, height }: Scene): void {
  const room = height - HEAD;
  if (rows.height <= room) return;
  pen.fillStyle = palette.quiet;
  pen.globalAlpha = FAINT;
  pen.fillRect(width - 5, HEAD + (sight.top / rows.height) * room, 4, (room / rows.height) * room);
  pen.globalAlpha = 1;
}
