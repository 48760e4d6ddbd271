import type { CallExpression, Expression, Program } from 'acorn';
import { simple } from 'acorn-walk';
import { AGENT_OPTIONS, EFFORTS, ISOLATIONS } from './agent-options.ts';
import type { ScriptWarning } from './read-script.ts';
import { positionOf } from './refuse.ts';

/** Warns of literal `agent()` calls whose prompt is empty or whose options will be ignored. */
export function checkAgentCalls(program: Program, warnings: ScriptWarning[]): void {
  simple(program, {
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'agent') checkCall(node, warnings);
    },
  });
  warnings.sort((a, b) => a.line - b.line || a.column - b.column);
}

function checkCall({ arguments: [prompt, options] }: CallExpression, warnings: ScriptWarning[]): void {
  if (prompt?.type === 'Literal' && typeof prompt.value === 'string' && prompt.value.trim() === '') {
    warnings.push({ message: 'This agent has an empty prompt.', ...positionOf(prompt) });
  }
  if (options?.type !== 'ObjectExpression') return;
  for (const part of options.properties) {
    if (part.type !== 'Property' || part.computed) continue;
    const key =
      part.key.type === 'Identifier' ? part.key.name : part.key.type === 'Literal' ? String(part.key.value) : '';
    const message = optionProblem(key, part.value);
    if (message) warnings.push({ message, ...positionOf(part) });
  }
}

function optionProblem(key: string, value: Expression): string | undefined {
  if (!AGENT_OPTIONS.includes(key)) {
    return `agent() has no option '${key}'; it is ignored. It knows: ${AGENT_OPTIONS.join(', ')}.`;
  }
  if (value.type !== 'Literal' || value.value === null) return undefined;
  if (key === 'effort' && !EFFORTS.includes(value.value)) {
    return `agent() has no effort ${value.raw}; it is ignored. It knows: ${EFFORTS.join(', ')}.`;
  }
  if (key === 'isolation' && !ISOLATIONS.includes(value.value)) {
    return `agent() has no isolation ${value.raw}; it is ignored. It knows: ${ISOLATIONS.join(', ')}.`;
  }
  return undefined;
}
