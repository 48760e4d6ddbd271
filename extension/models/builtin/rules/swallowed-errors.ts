import type { RuleTable } from './rule.ts';

/** A handler with one of these words in it does something about the error. */
const HANDLED =
  /\b(throw|reject|next\(|raise|log\w*|logger|console|warn\w*|error\(|exception\(|print|traceback|capture\w*|report\w*|notify\w*|emit|sys\.exit|exit|abort|fail\w*|retry|assert\w*)\b/i;

export const swallowedErrors: RuleTable = {
  ignoreCase: false,
  rules: [
    {
      title: 'Error caught and dropped',
      severity: 'medium',
      languages: ['js'],
      pattern: '\\bcatch\\s*(\\([^)]*\\))?\\s*\\{',
      unlessBlock: HANDLED,
    },
    {
      title: 'Rejection caught and dropped',
      severity: 'medium',
      languages: ['js'],
      pattern: '\\.catch\\(',
      unlessBlock: HANDLED,
    },
    {
      title: 'Error event with no answer',
      severity: 'medium',
      languages: ['js'],
      pattern: '\\.(on|once|addListener)\\(\\s*[\'"`](error|uncaughtException|unhandledRejection)[\'"`]',
      unlessBlock: HANDLED,
    },
    {
      title: 'Callback that never looks at its error',
      severity: 'medium',
      languages: ['js'],
      pattern: '(function\\s*\\w*\\s*)?\\(\\s*_?(err|error)\\w*\\s*(:[^,)]*)?,[^)]*\\)\\s*(=>\\s*)?\\{?',
      unlessBlock: /(if|throw|return|next|callback|cb|reject|done|log|console|handle\w*)\b[^\n]*\b_?(err|error)\w*\b/,
    },
    {
      title: 'Exception caught and dropped',
      severity: 'medium',
      languages: ['py'],
      pattern: '^\\s*except\\b.*:',
      unlessBlock: HANDLED,
    },
    {
      title: 'Exceptions suppressed',
      severity: 'medium',
      languages: ['py'],
      pattern: '\\bsuppress\\(\\s*(Base)?Exception',
    },
  ],
};
