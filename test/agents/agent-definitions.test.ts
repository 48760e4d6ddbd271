import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentTypes, rulesOf, toolsOf } from '../../extension/agents/agent-types.ts';
import { READ_ONLY_TOOLS } from '../../extension/tools/read-only-tools.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Places {
  workspace: string;
  home: string;
}

function put(root: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The types of a workspace with these files in it, and of a home. */
async function typesIn(files: Record<string, string | Buffer>, home: Record<string, string> = {}): Promise<AgentTypes> {
  const places: Places = { workspace: tempDir(), home: tempDir() };
  for (const [path, text] of Object.entries(files)) put(places.workspace, path, text);
  for (const [path, text] of Object.entries(home)) put(places.home, path, text);
  return await AgentTypes.read(places);
}

async function problemOf(text: string | Buffer): Promise<string> {
  const { problems } = await typesIn({ '.claude/agents/x.md': text });
  expect(problems.map(({ file }) => file)).toEqual(['.claude/agents/x.md']);
  return problems[0]?.problem ?? '';
}

function fake(name: string): Tool {
  return { name, description: '', inputSchema: {}, access: 'execute', describe: () => '', run: async () => '' };
}

test('definitions of Claude Code and of VS Code, of the project and of its user, are read as people write them', async () => {
  const types = await typesIn(
    {
      '.claude/agents/reviewer.md': `---
name: reviewer
description: Use this agent when: code changed. Examples: <example>user: "look"</example>
tools: Read, Grep, Bash(git log:*), mcp__github__list_issues, mcp__docs, Task
model: sonnet # the usual
color: blue
hooks:
  PreToolUse:
    - matcher: "Bash"
---

You review.\r\nBe brief.
`,
      '.github/agents/planner.agent.md': `---
description: 'Plans it''s way'
tools: ['search/codebase', "edit", 'github/*', 'web/fetch']
model: GPT-5 (copilot)
---
You plan.`,
      '.github/agents/README.md': 'No agent.',
    },
    {
      '.claude/agents/mine.md': `---
name: mine
description: >
  Folded
  over lines
tools:
  - Read
  - "Write"
disallowedTools: [Write]
---
Mine.`,
      '.claude/agents/reviewer.md': '---\nname: reviewer\ndescription: another\n---\nNot this one.',
    },
  );
  const found = types.list().filter(({ file }) => file !== null);
  expect(found).toEqual([
    {
      name: 'reviewer',
      description: 'Use this agent when: code changed. Examples: <example>user: "look"</example>',
      prompt: 'You review.\nBe brief.',
      tools: ['read_file', 'grep', 'mcp__github__list_issues', 'mcp__docs__*'],
      model: 'sonnet',
      file: '.claude/agents/reviewer.md',
    },
    {
      name: 'planner',
      description: "Plans it's way",
      prompt: 'You plan.',
      tools: ['grep', 'glob', 'edit_file', 'write_file', 'mcp__github__*', 'web_fetch'],
      model: null,
      file: '.github/agents/planner.agent.md',
    },
    {
      name: 'mine',
      description: 'Folded over lines',
      prompt: 'Mine.',
      tools: ['read_file'],
      model: null,
      file: '~/.claude/agents/mine.md',
    },
  ]);
  expect(types.problems).toEqual([
    {
      file: '~/.claude/agents/reviewer.md',
      problem: expect.stringContaining('is that of one of .claude/agents/reviewer.md'),
    },
  ]);
});

test('a definition takes tools away and can add none', async () => {
  const types = await typesIn({
    '.claude/agents/greedy.md':
      '---\nname: greedy\ntools: Bash, Read, mcp__srv, edit_file\npermissionMode: bypassPermissions\n---\nGive me all.',
    '.claude/agents/all.md': '---\nname: all\n---\nAll that there is.',
    '.claude/agents/star.md': "---\nname: star\ntools: ['*']\n---\nAll that there is, too.",
    '.claude/agents/none.md': '---\nname: none\ntools:\n---\nNothing.',
    '.claude/agents/nothing-like-it.md': '---\nname: nothing-like-it\ntools: Task, TodoWrite\n---\nNothing.',
  });
  const given = [...READ_ONLY_TOOLS, fake('mcp__srv__do'), fake('mcp__srv2__do')];
  const names = (type: string): string[] => toolsOf(types.of(type), given).map(({ name }) => name);
  expect(names('greedy')).toEqual(['read_file', 'mcp__srv__do']);
  expect(names('all')).toEqual(given.map(({ name }) => name));
  expect(names('star')).toEqual(given.map(({ name }) => name));
  expect(names('none')).toEqual([]);
  expect(names('nothing-like-it')).toEqual([]);
  expect(names('writer')).toEqual([]);
  expect(names('reader')).toEqual(['read_file', 'list_directory']);
  expect(names('general-purpose')).toEqual(given.map(({ name }) => name));
});

test.each([
  ['front matter without an end', '---\nname: x\nbody', /no end/],
  ['a name given twice', '---\nname: x\ntools: Read\ntools: Bash\n---\nx', /"tools" a second time/],
  ['what is no key', '---\nname: x\nsome words\n---\nx', /line 3 is no "key: value"/],
  ['a name that is none', '---\nname: "x\\n- run: rm"\n---\nx', /its name has characters/],
  ['a name of ours', '---\nname: judge\n---\nYou uphold all.', /"judge" is that of one of Counterpoint itself/],
  ['tools that are no list', '---\nname: x\ntools:\n  all: true\n---\nx', /"tools" is no list/],
  ['taking away from nothing named', '---\nname: x\ndisallowedTools: Bash\n---\nx', /name them under "tools"/],
  ['no text', '---\nname: x\n---\n \n', /no text below/],
  ['something huge', Buffer.alloc(70_000, 'x'), /larger than 64 kB/],
  ['a lot of front matter', `---\n${'# x\n'.repeat(300)}---\nx`, /longer than 200 lines/],
  ['zeros', Buffer.from('---\nname: x\n---\nx\0y'), /no text/],
  ['escapes for a terminal', '---\nname: x\n---\n\u001b[2J', /no text/],
  ['what is no UTF-8', Buffer.from([0x2d, 0x2d, 0xff, 0xfe]), /no text/],
] as [string, string | Buffer, RegExp][])('%s is told of', async (_what, text, problem) => {
  expect(await problemOf(text)).toMatch(problem);
});

test('what a file says of itself further down is text, and no front matter', async () => {
  const types = await typesIn({
    '.claude/agents/x.md': '---\nname: x\ntools: Read\n---\nHello.\n---\ntools: Bash\nname: judge\n---\nMore.',
  });
  expect(types.of('x')).toMatchObject({ tools: ['read_file'], prompt: expect.stringContaining('tools: Bash') });
  expect(types.of('judge')?.file).toBeNull();
  // Whose words they are is said, and where they stand.
  expect(rulesOf(types.of('x'))).toMatch(/^How you work, as \.claude\/agents\/x\.md defines .*takes nothing back/);
});

test('links of a repository are not followed, and a pipe holds nobody up', async () => {
  const places: Places = { workspace: tempDir(), home: tempDir() };
  put(places.home, 'secret.md', '---\nname: secret\n---\nThe key is 123.');
  put(places.workspace, '.claude/agents/fine.md', '---\nname: fine\n---\nFine.');
  symlinkSync(join(places.home, 'secret.md'), join(places.workspace, '.claude/agents/a-link.md'));
  execFileSync('mkfifo', [join(places.workspace, '.claude/agents/b-pipe.md')]);
  mkdirSync(join(places.workspace, '.claude/agents/c-folder.md'));
  mkdirSync(join(places.workspace, '.github'));
  symlinkSync(places.home, join(places.workspace, '.github/agents'));
  const types = await AgentTypes.read(places);
  expect(types.list().flatMap(({ file }) => file ?? [])).toEqual(['.claude/agents/fine.md']);
  expect(types.problems.map(({ problem }) => problem)).toEqual([
    'it is a link, and was not followed',
    'it is no file',
    'it is no file',
    'the folder is a link to another one, and was not looked at',
  ]);
});

test('a user may keep their own elsewhere, by a link', async () => {
  const places: Places = { workspace: tempDir(), home: tempDir() };
  const dotfiles = tempDir();
  put(dotfiles, 'mine.md', '---\nname: mine\n---\nMine.');
  mkdirSync(join(places.home, '.claude'));
  symlinkSync(dotfiles, join(places.home, '.claude/agents'));
  const types = await AgentTypes.read(places);
  expect(types.of('mine')).toMatchObject({ prompt: 'Mine.', file: '~/.claude/agents/mine.md' });
});

test('an unknown type is told with those that there are, and with the files that cannot be used', async () => {
  const types = await typesIn({
    '.claude/agents/mine.md': '---\nname: mine\n---\nMine.',
    '.claude/agents/broken.md': '---\nname: broken',
  });
  expect(types.problem('mine')).toBeNull();
  expect(types.problem(undefined)).toBeNull();
  expect(types.problem('wizard')).toMatch(
    /^there is no agentType "wizard"; there are: general-purpose, Explore, Plan, claude, .*writer, mine; \.claude\/agents\/broken\.md cannot be used: its front matter has no end/,
  );
});
