import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { type Grid, gridHeight, MATRIX_ROW, matrixGrid, waffleGrid } from './grid.ts';
import { type Memory, type Section, sectionsOf } from './sections.ts';

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
  | { kind: 'waffle'; group: number; round: number | null; grid: Grid }
  | { kind: 'matrix'; group: number; round: number | null; grid: Grid; labelWidth: number }
  | { kind: 'converge'; group: number }
  | { kind: 'claim'; group: number }
  | { kind: 'agent'; call: number }
  | { kind: 'fold'; key: string; refs: number[]; of: 'claims' | 'agents'; grid: Grid; open: boolean }
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
const PANEL_PADDING = 10;
const PANEL_HEAD = 32;
const CARD_HEIGHT = 50;
const CONVERGE_ROW = 20;
const WIDTHS = { agents: 200, panels: 236, big: 332, claims: 296 };
const ROWS_IN_A_COLUMN = 24;

/**
 * Lays the run out: a column a phase, in it panels and cards from the top. Growth is at the end of what grows.
 * Columns are wider where `room`, in pixels, has place for it.
 */
export function layoutRun(tree: RunTree, memory: Memory, unfolded: ReadonlySet<string>, room = 0): Layout {
  const columns = tree.phases.map((phase) => {
    const sections = sectionsOf(tree, phase, memory, unfolded);
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
    putPhase(column, sections, unfolded);
    boxes.push(...column.boxes);
    x += column.width + COLUMN_GAP;
    height = Math.max(height, column.y);
  }
  return { boxes, width: Math.max(0, x - COLUMN_GAP), height };
}

function putPhase(column: Column, sections: Section[], unfolded: ReadonlySet<string>): void {
  const title = column.phase;
  column.put(`phase:${title}`, HEADER_HEIGHT, { kind: 'phase', title }, SECTION_GAP);
  for (const section of sections) putSection(column, section, unfolded);
  if (sections.length === 0) column.put(`ahead:${title}`, CARD_HEIGHT, { kind: 'ahead', title }, GAP);
}

function widthOf(section: Section): number {
  if (section.kind === 'agents') return WIDTHS.agents;
  if (section.kind === 'waffle') return section.count > 800 ? WIDTHS.big : WIDTHS.panels;
  if (section.kind !== 'claims') return WIDTHS.panels;
  const columns = section.rest.length > 0 ? 1 : claimColumns(section.shown.length);
  return columns * WIDTHS.claims + (columns - 1) * GAP;
}

/** Claims stand in one column until it would be longer than a screen or two. */
function claimColumns(count: number): number {
  return Math.min(6, Math.ceil(count / ROWS_IN_A_COLUMN));
}

function putSection(column: Column, section: Section, unfolded: ReadonlySet<string>): void {
  const inner = column.width - 2 * PANEL_PADDING;
  switch (section.kind) {
    case 'waffle': {
      const grid = waffleGrid(section.count, inner, section.unit);
      const item = { kind: 'waffle', group: section.group, round: section.round, grid } as const;
      return column.put(`group:${section.round ?? section.group}`, panelHeight(gridHeight(grid)), item, SECTION_GAP);
    }
    case 'matrix': {
      const labelWidth = section.stages > 3 ? 78 : 112;
      const grid = matrixGrid(section.rows, section.stages, inner - labelWidth);
      const item = { kind: 'matrix', group: section.group, round: section.round, grid, labelWidth } as const;
      return column.put(
        `group:${section.round ?? section.group}`,
        panelHeight(section.rows * MATRIX_ROW),
        item,
        SECTION_GAP,
      );
    }
    case 'converge': {
      const height = panelHeight(Math.max(1, section.rounds) * CONVERGE_ROW);
      return column.put(`group:${section.group}`, height, { kind: 'converge', group: section.group }, SECTION_GAP);
    }
    case 'claims': {
      const cards = section.shown.map((group) => ({ id: `group:${group}`, item: { kind: 'claim', group } as const }));
      return putFoldable(column, section, unfolded, () => column.putColumns(cards, WIDTHS.claims));
    }
    case 'agents':
      return putFoldable(column, section, unfolded, () => {
        for (const call of section.shown) column.put(`call:${call}`, CARD_HEIGHT, { kind: 'agent', call }, GAP);
      });
    case 'cards':
      for (const call of section.shown) column.put(`call:${call}`, CARD_HEIGHT, { kind: 'agent', call }, GAP);
      if (section.working + section.failed > 0) {
        column.put(`more:${column.phase}`, 22, { kind: 'more', working: section.working, failed: section.failed }, GAP);
      }
      return;
  }
}

/** Cards, and after them the squares of those without one; once unfolded the button to fold them stands first. */
function putFoldable(
  column: Column,
  section: Extract<Section, { kind: 'claims' | 'agents' }>,
  unfolded: ReadonlySet<string>,
  putCards: () => void,
): void {
  const key = `${section.kind}:${column.phase}`;
  const open = unfolded.has(key);
  const grid = waffleGrid(section.rest.length, column.width - 2 * PANEL_PADDING);
  const item = { kind: 'fold', key, refs: section.rest, of: section.kind, grid, open } as const;
  if (open) column.put(`fold:${key}`, PANEL_HEAD, item, GAP);
  putCards();
  if (section.rest.length > 0) column.put(`fold:${key}`, panelHeight(gridHeight(grid)), item, SECTION_GAP);
  else column.gap(SECTION_GAP - GAP);
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

  gap(length: number): void {
    this.y += length;
  }

  /** Cards in as many columns as the width takes, filled from the top of the first. */
  putColumns(cards: { id: string; item: BoxItem }[], width: number): void {
    const columns = Math.max(1, Math.floor((this.width + GAP) / (width + GAP)));
    const rows = Math.ceil(cards.length / columns);
    const cardWidth = (this.width - (columns - 1) * GAP) / columns;
    cards.forEach(({ id, item }, index) => {
      const x = this.x + Math.floor(index / rows) * (cardWidth + GAP);
      const y = this.y + (index % rows) * (CARD_HEIGHT + GAP);
      this.boxes.push({ id, phase: this.phase, x, y, width: cardWidth, height: CARD_HEIGHT, item });
    });
    this.y += rows * (CARD_HEIGHT + GAP);
  }
}
