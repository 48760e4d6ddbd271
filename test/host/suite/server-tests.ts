import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HostTest } from '../runner.ts';
import { api, command, folder, until } from './support.ts';

export const SERVER_TESTS: HostTest[] = [
  {
    name: 'a server that was allowed is forbidden from the list, and may be started again only once it is allowed anew',
    async run() {
      const file = join(folder().uri.fsPath, '.mcp.json');
      // Nothing of it is started.
      writeFileSync(file, JSON.stringify({ mcpServers: { listed: { command: 'no-such-program' } } }));
      const consent = (await api()).consents.of(folder());
      const listed = async () => {
        const [only, ...more] = (await consent.list()).servers;
        assert(only && more.length === 0);
        return only;
      };
      try {
        const { server, standing } = await listed();
        assert.equal(standing, 'asked');
        await consent.allow(server);
        assert.deepEqual([(await listed()).standing, await consent.mayStart(server)], ['allowed', true]);
        const shown = command('counterpoint.showServers');
        // The only server, and the first of what can be done with one that is allowed.
        await until('the no', async () => {
          await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
          return (await listed()).standing === 'asked';
        });
        await shown;
        await consent.allow(server);
        assert.equal(await consent.mayStart(server), true);
      } finally {
        await consent.forbid('listed');
        rmSync(file);
      }
    },
  },
];
