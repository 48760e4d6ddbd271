import { Grants } from '../../extension/permissions/grants.ts';
import { type Answer, Permissions } from '../../extension/permissions/permissions.ts';
import { readRules } from '../../extension/permissions/rules.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';
import type { PermissionRules, Profile } from '../../extension/protocol/permissions.ts';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { outputOf, type Tool, type ToolContext, ToolError } from '../../extension/tools/tool.ts';
import { tempDir } from './temp-dir.ts';

export interface Circumstances {
  rules: Partial<PermissionRules>;
  profile?: Profile;
  /** What a person says to whatever they are asked; by default no. */
  answer?: Answer;
  /** Happens when the call is allowed, before it is done. */
  between?(): void;
}

/** Calls of tools as an agent's are done: decided by rules, and run within what these leave. What is refused is told as `refused: …`. */
export function underRules(
  context: ToolContext,
  { rules, profile = 'trusted', answer = 'deny', between }: Circumstances,
) {
  const asked: string[] = [];
  const permissions = osSandbox().then(
    ({ available }) =>
      new Permissions({
        rules: readRules({ allow: [], ask: [], deny: [], ...rules }, []),
        profile,
        confined: available,
        script: { workspace: context.workspace, digest: 'd', name: 'test' },
        grants: new Grants(tempDir()),
        timeoutMs: null,
        ask: async (_call, { why }) => {
          asked.push(why);
          return answer;
        },
        decided: async () => undefined,
      }),
  );
  const call = async (tool: Tool, input: JsonObject): Promise<string> => {
    try {
      const permit = await (await permissions).permit({ tool, input, call: 1 }, context);
      if (!permit.allowed) return `refused: ${permit.why}`;
      between?.();
      return outputOf(await tool.run(input, { ...context, bounds: permit.bounds })).forModel;
    } catch (error) {
      if (error instanceof ToolError) return `refused: ${error.message}`;
      throw error;
    }
  };
  return { call, asked };
}
