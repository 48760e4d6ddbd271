import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import type { Decision } from '../../extension/protocol/preview.ts';

interface Look {
  label: string;
  icon: string;
  /** What it means, behind its label. */
  means: string;
}

export const LOOKS_OF: Record<Decision, Look> = {
  run: { label: 'Run', icon: 'play', means: 'now, and this version is not asked about again in this window.' },
  once: { label: 'Run Once', icon: 'debug-step-over', means: 'now, and you are asked again the next time.' },
  always: {
    label: 'Always for This Version',
    icon: 'shield',
    means: 'now, and never asked about again in this folder until the script changes.',
  },
  cancel: { label: 'Cancel', icon: 'close', means: 'nothing runs, and the preview is closed.' },
};

/**
 * Why a decision is not open to the person now; null where it is. Only what was seen may run: no script whose preview is
 * missing or out of date. One that fails even where every agent gives a good answer may be run once, for dry runs can be
 * wrong, but it is not what Enter does, and no later run of it goes without asking.
 */
export function whyNot(decision: Decision, { approval, preview, problem, stale }: PreviewMessage): string | null {
  if (decision === 'cancel') return null;
  if (approval?.restricted) return 'workflows do not run in Restricted Mode. Trust this folder first.';
  if (stale) return 'not yet; its preview is being made.';
  if (problem) return 'the script cannot be previewed, so nobody knows what it would do.';
  if (!preview) return 'not yet; there is no preview of it.';
  if (preview.error && decision !== 'once')
    return 'it would fail even with good answers. Where you know better, run it once.';
  return null;
}

/** What is decided is about no version where there is none: a cancel is one of whatever it is. */
export const NO_DIGEST = '0'.repeat(64);
