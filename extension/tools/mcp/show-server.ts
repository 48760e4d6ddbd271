import type { McpServer } from './config.ts';

/**
 * All that a definition says, in lines, for a person who is to allow it: whatever is neither a letter of English nor a sign of ASCII is
 * written as its number, so that nothing hides, turns the line around or passes for something else.
 */
export function definitionLines({ written }: Pick<McpServer, 'written'>): string[] {
  const text = JSON.stringify(written, null, 2);
  return text.replace(/[^\x20-\x7e\n]/g, numbered).split('\n');
}

function numbered(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** What a server is given of the person's environment, in a sentence. */
export function takesWords({ takes }: Pick<McpServer, 'takes'>): string {
  if (takes.length === 0) return 'Of your environment it is given nothing but what is harmless, such as PATH.';
  return `Of your environment it is given ${takes.join(', ')}.`;
}
