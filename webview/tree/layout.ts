import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { type Grid, gridHeight, MATRIX_ROW, matrixGrid, tileGrid, waffleGrid } from './grid.ts';
import { checkpointHeight, JUDGE_FOOT, judgeRows, toolHeight } from './heights.ts';
import { type FoldableSection, type Memory, type Section, sectionsOf, type WaffleSection } from './sections.ts';

/** A box of the picture, in pixels at zoom 1. What is in it the box reads from the run itself. */
export interface Box {
  id: string;
  phase: string;
  x: number;
  y: number;
  width: number;
  height: number;
  item: BoxItem;
}

export type BoxItem =
  | { kind: 'phase'; title: string }
  /** `open`: its agents are cards, that lie over it. */
  | { kind: 'waffle'; group: number; round: number | null; grid: Grid; key: string; open: boolean }
  | { kind: 'matrix'; group: number; round: number | null; grid: Grid; labelWidth: number }
  | { kind: 'converge'; group: number }
  | { kind: 'claim'; group: number }
  | { kind: 'agent'; call: number }
  | { kind: 'checkpoint'; call: number }
  | { kind: 'tool'; call: number }
  | { kind: 'judge'; group: number }
  /** Behind the boxes of what a called script does; `empty`: there is nothing of it in this phase. */
  | { kind: 'frame'; group: number; empty: boolean }
  | { kind: 'fold'; key: string; refs: NodeRef[]; of: string; grid: Grid; open: boolean }
  | { kind: 'ahead'; title: string }
  | { kind: 'more'; working: number; failed: number };

export interface Layout {
  boxes: Box[];
  width: number;
  height: number;
}

const HEADER_HEIGHT = 26;
const COLUMN_GAP = 26;
const MARGIN = 18;
/** Columns wider than this times their natural width read no better. */
const MOST_STRETCH = 1.4;
const GAP = 8;
const SECTION_GAP = 14;
export const PANEL_PADDING = 10;
export const PANEL_HEAD = 32;
/** The bar of states over the squares of a fold. */
export const FOLD_BAR = 12;
const CARD_HEIGHT = 50;
const CONVERGE_ROW = 20;
const FRAME_PADDING = 8;
const NOTE_HEIGHT = 20;
const WIDTHS = { agents: 200, panels: 236, big: 332, claims: 296, questions: 260 };
const ROWS_IN_A_COLUMN = 24;

/** Heights of boxes that only the browser knows, by id of the box. */
export type Measured = ReadonlyMap<string, number>;

const NOT_MEASURED: Measured = new Map();

/** What stands in a phase; `compute` finds it out anew. */
export type SectionSource = (title: string, compute: () => Section[]) => Section[];

const ANEW: SectionSource = (_, compute) => compute();

/**
 * Lays the run out: a column a phase, in it panels and cards from the top. Growth is at the end of what grows.
 * Columns are wider where `room`, in pixels, has place for it. `known` may keep the sections of phases that did not change.
 */
export function layoutRun(
  tree: RunTree,
  memory: Memory,
  unfolded: ReadonlySet<string>,
  room = 0,
  measured: Measured = NOT_MEASURED,
  known: SectionSource = ANEW,
): Layout {
  const columns = tree.phases.map((phase) => {
    const sections = known(phase.title, () => sectionsOf(tree, phase, memory, unfolded));
    return { phase, sections, width: Math.max(WIDTHS.agents, ...sections.map(widthOf)) };
  });
  const natural = columns.reduce((sum, column) => sum + column.width, 0);
  const free = room - 2 * MARGIN - (columns.length - 1) * COLUMN_GAP;
  const stretch = Math.max(1, Math.min(MOST_STRETCH, free / Math.max(1, natural)));
  const boxes: Box[] = [];
  let x = 0;
  let height = 0;
  for (const { phase, sections, width } of columns) {
    const column = new Column(phase.title, x, Math.floor(width * stretch));
    putPhase(column, sections, { tree, unfolded, measured });
    boxes.push(...column.boxes);
    x += column.width + COLUMN_GAP;
    height = Math.max(height, column.y);
  }
  return { boxes, width: Math.max(0, x - COLUMN_GAP), height };
}

interface Context {
  tree: RunTree;
  unfolded: ReadonlySet<string>;
  measured: Measured;
}

function putPhase(column: Column, sections: Section[], context: Context): void {
  const title = column.phase;
  column.put(`phase:${title}`, HEADER_HEIGHT, { kind: 'phase', title }, SECTION_GAP);
  for (const section of sections) putSection(column, section, context);
  if (sections.length === 0) column.put(`ahead:${title}`, CARD_HEIGHT, { kind: 'ahead', title }, GAP);
}

function widthOf(section: Section): number {
  switch (section.kind) {
    case 'agents':
    case 'cards':
    case 'tools':
      return WIDTHS.agents;
    case 'waffle':
      return section.count > 800 ? WIDTHS.big : WIDTHS.panels;
    case 'claims': {
      const columns = section.rest.length > 0 ? 1 : claimColumns(section.shown.length);
      return columns * WIDTHS.claims + (columns - 1) * GAP;
    }
    case 'questions':
      return WIDTHS.questions;
    case 'frame':
      return Math.max(WIDTHS.agents, ...section.sections.map(widthOf)) + 2 * FRAME_PADDING;
    default:
      return WIDTHS.panels;
  }
}

/** Claims stand in one column until it would be longer than a screen or two. */
function claimColumns(count: number): number {
  return Math.min(6, Math.ceil(count / ROWS_IN_A_COLUMN));
}

function putSection(column: Column, section: Section, context: Context): void {
  const inner = column.width - 2 * PANEL_PADDING;
  switch (section.kind) {
    case 'waffle':
      return putWaffle(column, section);
    case 'matrix': {
      const labelWidth = section.stages > 3 ? 78 : 112;
      const grid = matrixGrid(section.rows, section.stages, inner - labelWidth);
      const item = { kind: 'matrix', group: section.group, round: section.round, grid, labelWidth } as const;
      const height = panelHeight(section.rows * MATRIX_ROW);
      return column.put(`group:${section.round ?? section.group}`, height, item, SECTION_GAP);
    }
    case 'converge': {
      const height = panelHeight(Math.max(1, section.rounds) * CONVERGE_ROW);
      return column.put(`group:${section.group}`, height, { kind: 'converge', group: section.group }, SECTION_GAP);
    }
    case 'cards':
      for (const call of section.shown) column.put(`call:${call}`, CARD_HEIGHT, { kind: 'agent', call }, GAP);
      if (section.working + section.failed > 0) {
        column.put(`more:${section.key}`, 22, { kind: 'more', working: section.working, failed: section.failed }, GAP);
      }
      return;
    case 'frame':
      return putFrame(column, section, context);
    default:
      return putFoldable(column, section, context);
  }
}

function putWaffle(column: Column, section: WaffleSection): void {
  const { group, round, count, unit, tiled, key, cards } = section;
  const inner = column.width - 2 * PANEL_PADDING;
  const grid = tiled ? tileGrid(count, inner) : waffleGrid(count, inner, unit);
  const item = { kind: 'waffle', group, round, grid, key, open: cards !== null } as const;
  const id = `group:${round ?? group}`;
  if (!cards) return column.put(id, panelHeight(gridHeight(grid)), item, SECTION_GAP);
  column.putAround(id, item, 0, (within) => {
    within.putRows(
      cards.shown.map((call) => ({ id: `call:${call}`, item: { kind: 'agent', call } })),
      WIDTHS.agents,
    );
    if (cards.rest.length > 0) putRest(within, { kind: 'agents', key: cards.restKey, rest: cards.rest }, false, GAP);
  });
}

/** What the squares that have no card are called. */
const NAMES: Record<FoldableSection['kind'], string> = {
  claims: 'claims',
  agents: 'agents',
  questions: 'questions',
  tools: 'tool calls',
  judges: 'judgements',
  workflows: 'workflows',
};
const OF_GROUPS: ReadonlySet<FoldableSection['kind']> = new Set(['claims', 'judges', 'workflows']);

/** Cards, and after them the squares of those without one; once unfolded the button to fold them stands first. */
function putFoldable(column: Column, section: FoldableSection, context: Context): void {
  const open = context.unfolded.has(section.key);
  if (open) putRest(column, section, open, GAP);
  putCards(column, section, context);
  if (section.rest.length > 0) putRest(column, section, false, SECTION_GAP);
  else column.gap(SECTION_GAP - GAP);
}

type Rest = Pick<FoldableSection, 'kind' | 'key' | 'rest'>;

/** What has no card, as squares; where it is open only the button that folds it again. */
function putRest(column: Column, { kind, key, rest }: Rest, open: boolean, gap: number): void {
  const grid = waffleGrid(rest.length, column.width - 2 * PANEL_PADDING);
  const type = OF_GROUPS.has(kind) ? 'group' : 'call';
  const refs = rest.map((id): NodeRef => ({ type, id }));
  const item = { kind: 'fold', key, refs, of: NAMES[kind], grid, open } as const;
  column.put(`fold:${key}`, open ? PANEL_HEAD : panelHeight(FOLD_BAR + gridHeight(grid)), item, gap);
}

function putCards(column: Column, { kind, shown }: FoldableSection, { tree, measured }: Context): void {
  if (kind === 'claims') {
    const cards = shown.map((group) => ({ id: `group:${group}`, item: { kind: 'claim', group } as const }));
    return column.putColumns(cards, WIDTHS.claims);
  }
  for (const id of shown) {
    const call = tree.calls.get(id);
    const group = tree.groups.get(id);
    if (kind === 'agents') column.put(`call:${id}`, CARD_HEIGHT, { kind: 'agent', call: id }, GAP);
    if (kind === 'tools') column.put(`call:${id}`, toolHeight(call), { kind: 'tool', call: id }, GAP);
    if (kind === 'questions') {
      const height = measured.get(`call:${id}`) ?? checkpointHeight(call, column.width);
      column.put(`call:${id}`, height, { kind: 'checkpoint', call: id }, GAP);
    }
    if (kind === 'judges' && group) {
      const height = panelHeight(judgeRows(group) * CONVERGE_ROW + JUDGE_FOOT);
      column.put(`group:${id}`, height, { kind: 'judge', group: id }, SECTION_GAP);
    }
  }
}

function putFrame(column: Column, section: Extract<Section, { kind: 'frame' }>, context: Context): void {
  const empty = section.sections.length === 0;
  const item = { kind: 'frame', group: section.group, empty } as const;
  column.putAround(`frame:${column.phase}:${section.group}`, item, empty ? panelHeight(NOTE_HEIGHT) : 0, (inner) => {
    for (const each of section.sections) putSection(inner, each, context);
  });
}

function panelHeight(content: number): number {
  return PANEL_HEAD + content + PANEL_PADDING;
}

class Column {
  readonly phase: string;
  readonly width: number;
  readonly boxes: Box[] = [];
  y = 0;
  private readonly x: number;

  constructor(phase: string, x: number, width: number) {
    this.phase = phase;
    this.x = x;
    this.width = width;
  }

  put(id: string, height: number, item: BoxItem, gap: number): void {
    this.boxes.push({ id, phase: this.phase, x: this.x, y: this.y, width: this.width, height, item });
    this.y += height + gap;
  }

  /** A box at least so high around what `fill` puts into it. */
  putAround(id: string, item: BoxItem, least: number, fill: (inner: Column) => void): void {
    const inner = new Column(this.phase, this.x + FRAME_PADDING, this.width - 2 * FRAME_PADDING);
    inner.y = this.y + PANEL_HEAD;
    fill(inner);
    this.put(id, Math.max(least, inner.y - this.y + FRAME_PADDING - GAP), item, SECTION_GAP);
    // What is in the box is drawn over it.
    this.boxes.push(...inner.boxes);
  }

  gap(length: number): void {
    this.y += length;
  }

  /** Cards in as many columns as the width takes, row by row: where one is added, the others stay. */
  putRows(cards: { id: string; item: BoxItem }[], width: number): void {
    const { columns, cardWidth } = this.columnsOf(width);
    cards.forEach(({ id, item }, index) => {
      const x = this.x + (index % columns) * (cardWidth + GAP);
      const y = this.y + Math.floor(index / columns) * (CARD_HEIGHT + GAP);
      this.boxes.push({ id, phase: this.phase, x, y, width: cardWidth, height: CARD_HEIGHT, item });
    });
    this.y += Math.ceil(cards.length / columns) * (CARD_HEIGHT + GAP);
  }

  private columnsOf(width: number): { columns: number; cardWidth: number } {
    const columns = Math.max(1, Math.floor((this.width + GAP) / (width + GAP)));
    return { columns, cardWidth: (this.width - (columns - 1) * GAP) / columns };
  }

  /** Cards in as many columns as the width takes, filled from the top of the first. */
  putColumns(cards: { id: string; item: BoxItem }[], width: number): void {
    const { columns, cardWidth } = this.columnsOf(width);
    const rows = Math.ceil(cards.length / columns);
    cards.forEach(({ id, item }, index) => {
      const x = this.x + Math.floor(index / rows) * (cardWidth + GAP);
      const y = this.y + (index % rows) * (CARD_HEIGHT + GAP);
      this.boxes.push({ id, phase: this.phase, x, y, width: cardWidth, height: CARD_HEIGHT, item });
    });
    this.y += rows * (CARD_HEIGHT + GAP);
  }
}
