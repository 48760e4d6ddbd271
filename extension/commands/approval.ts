import type { Preview } from '../protocol/preview.ts';
import { plain } from './plain-text.ts';

/** From how much on a person is asked although the script is known; null: never for that reason. */
export interface AskAbove {
  agents: number | null;
  costUsd: number | null;
}

/** What decides whether a person is asked before a script runs. */
export interface ApprovalFacts {
  /** The script came with Counterpoint, and is as it came. */
  bundled: boolean;
  /** The person has approved this very version: in this window, or for good. */
  approved: boolean;
  preview: Pick<Preview, 'agents' | 'costUsd' | 'error'>;
  askAbove: AskAbove;
}

/**
 * Why a person is asked before a script runs, for them to read; empty where it may run as it is. A script of a repository or of a
 * model is asked about once a version, and whoever wrote it: what is large, or dear, or would fail, each time. A model without a price
 * has no cost that could be too high; how many agents it would be is asked all the same.
 */
export function reasonsToAsk({ bundled, approved, preview, askAbove }: ApprovalFacts): string[] {
  const reasons: string[] = [];
  if (!bundled && !approved) reasons.push('You have not approved this version of the script.');
  // Cut to one line here: the screen that asks shows all of it, with its place.
  if (preview.error) reasons.push(`It would fail even with good answers: ${plain(preview.error.message, 240)}`);
  const agents = preview.agents.likely;
  if (askAbove.agents !== null && agents > askAbove.agents)
    reasons.push(`It will likely send out ${agents} agents; you are asked above ${askAbove.agents}.`);
  const cost = preview.costUsd?.likely ?? 0;
  if (askAbove.costUsd !== null && cost > askAbove.costUsd)
    reasons.push(`It will likely cost ${dollars(cost)}; you are asked above ${dollars(askAbove.costUsd)}.`);
  return reasons;
}

/** Cents where they count: `$0.42`, `$12.40`, `$1,250`. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.01) return 'less than $0.01';
  const digits = amount >= 100 ? 0 : 2;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
