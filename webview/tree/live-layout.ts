import { useState } from 'react';
import { type RunStore, useRun, useStore } from '../store.ts';
import { type Box, type Layout, layoutRun, type Measured } from './layout.ts';
import type { Memory, Section } from './sections.ts';

/** What the layout depends on beside the run. */
interface Setting {
  unfolded: readonly string[];
  room: number;
  measured: Measured;
}

/**
 * Lays the run out again where something of the picture changed: only the phases in which it did, and a box that is as it
 * was stays the same object, so that nothing is drawn for it. Where all are, the layout is the same object too.
 */
export class LiveLayout {
  private readonly store: RunStore;
  private runId = '';
  private memory: Memory = new Map();
  private setting: Setting | null = null;
  private at = -1;
  private layout: Layout = { boxes: [], width: 0, height: 0 };
  private readonly boxes = new Map<string, Box>();
  private readonly sections = new Map<string, { at: number; sections: Section[] }>();

  constructor(store: RunStore) {
    this.store = store;
  }

  current(setting: Setting): Layout {
    const { tree, changes, runId } = this.store;
    const before = this.setting;
    const sameFolds = before?.unfolded === setting.unfolded && this.runId === runId;
    if (sameFolds && this.at === changes.count && before.room === setting.room && before.measured === setting.measured)
      return this.layout;
    if (this.runId !== runId) this.memory = new Map();
    if (!sameFolds) this.sections.clear();
    this.runId = runId;
    this.setting = setting;
    this.at = changes.count;
    const unfolded = new Set(setting.unfolded);
    const next = layoutRun(tree, this.memory, unfolded, setting.room, setting.measured, (title, compute) => {
      const known = this.sections.get(title);
      if (known && known.at >= changes.of(title)) return known.sections;
      const sections = compute();
      this.sections.set(title, { at: changes.count, sections });
      return sections;
    });
    return this.keep(next);
  }

  private keep(next: Layout): Layout {
    const boxes = next.boxes.map((box) => {
      const old = this.boxes.get(box.id);
      return old && isSame(old, box) ? old : box;
    });
    const same = boxes.length === this.layout.boxes.length && boxes.every((box, at) => box === this.layout.boxes[at]);
    if (same) return this.layout;
    this.boxes.clear();
    for (const box of boxes) this.boxes.set(box.id, box);
    this.layout = { ...next, boxes };
    return this.layout;
  }
}

/** Whether two pieces of plain data say the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => isSame(left[key], right[key]));
}

export function useLayout(setting: Setting): Layout {
  const store = useStore();
  const [live] = useState(() => new LiveLayout(store));
  return useRun(() => live.current(setting));
}
