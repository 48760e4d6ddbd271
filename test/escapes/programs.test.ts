import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { installOsSandbox } from '../../scripts/os-sandbox.ts';
import { writeFiles } from '../support/workspace.ts';
import { type Call, type EscapeRun, escapeRun, expectDenied, order, rules } from './escape-run.ts';

beforeAll(installOsSandbox, 120_000);

function bash(command: string): Call {
  return { name: 'bash', input: { command } };
}

/** Each puts something where the person's own git would run it later. `hook.sh` makes the file `ran`. */
const PLANTS = [
  'cp hook.sh .git/hooks/pre-commit',
  'ln -s ../../hook.sh .git/hooks/post-checkout',
  'mkdir -p h && cp hook.sh h/pre-commit && git config core.hooksPath h',
  'git config --local core.fsmonitor ./hook.sh',
  'git config filter.x.clean ./hook.sh; echo "* filter=x" > .gitattributes',
  'git config diff.external ./hook.sh',
  'git config core.sshCommand ./hook.sh; git config alias.status "!./hook.sh"',
  'printf "[core]\\n\\tfsmonitor = ./hook.sh\\n" | tee -a .git/config',
  'sed -i "s/^.core.$/[core]\\n\\tfsmonitor = .\\/hook.sh/" .git/config',
  'git config extensions.worktreeConfig true; printf "[core]\\n\\tfsmonitor = ./hook.sh\\n" | tee -a .git/config.worktree',
  'cp -r .git evil; printf "[core]\\n\\tfsmonitor = ./hook.sh\\n" | tee -a evil/config; echo ../evil | tee -a .git/commondir',
  'mv .git/hooks .git/hooks-0; mkdir .git/hooks; cp hook.sh .git/hooks/pre-commit',
  'mv .git .git-0; cp -r .git-0 .git; printf "[core]\\n\\tfsmonitor = ./hook.sh\\n" | tee -a .git/config',
  'mkdir -p .git/info; echo "* filter=x" | tee -a .git/info/attributes',
  'echo "export PATH=.:$PATH; touch ran" >> ~/.bashrc; echo x > ~/.gitconfig',
  'git -c core.hooksPath=h commit --allow-empty -qm x; GIT_CONFIG_GLOBAL=evil git config --global core.fsmonitor ./hook.sh',
];

/** The same where the line itself says which file it writes: that is told before anything runs. */
const SAID = [
  'echo "[core]" >> .git/config',
  'cp hook.sh x; cat x > .git/hooks/pre-commit',
  'echo "* filter=x" > src/../.git/info/attributes',
  'echo x > .env',
  'mkdir -p .vscode; echo {} > .vscode/tasks.json',
  'echo "export A=1" >> src/.envrc',
  'cat < .env',
];

/** Each looks for what no program of an agent sees, or would get it out. */
const SPIES = [
  'env',
  'cat .env src/.env.local keys/id_rsa private/notes.txt .git/config .counterpoint/*',
  'cat links/to-file links/to-env links/to-folder/* links/to-git/config',
  'cat ../outside/secret.txt; ls -la ..; find /tmp -name secret.txt -exec cat {} +',
  'cat /proc/*/environ /proc/*/cmdline; ps auxeww',
  'cp .env out.txt; ln .env hard.txt; ln ../outside/secret.txt hard-2.txt; tar cf all.tar .env keys private ../outside; cat out.txt hard.txt hard-2.txt all.tar',
  'cd ..; cat outside/secret.txt work/.env; echo x > outside/new.txt; rm -rf outside',
  'mv .env e; mv keys k; cat e k/id_rsa',
  'mount --bind ../outside src; unshare -r cat ../outside/secret.txt; nsenter -t 1 -m cat /etc/shadow',
  'git show HEAD:../.env; git archive HEAD; git config --list; git log -p',
  'curl -s http://127.0.0.1:$PORT/; exec 3<>/dev/tcp/127.0.0.1/80; cat <&3',
  'echo "cat ../outside/secret.txt > found" | at now; (sleep 30; cat ../outside/secret.txt) & disown',
];

/** What the person does with git when the agent is through, with their own settings. */
function asThePerson({ workspace }: EscapeRun): void {
  const env = { PATH: process.env.PATH, HOME: workspace, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: workspace,
      env,
      stdio: 'ignore',
    });
  };
  git('status');
  git('diff');
  git('add', 'src/a.ts');
  git('commit', '--allow-empty', '-qm', 'by hand');
  git('checkout', '-q', '-b', 'another');
}

test.each(['trusted', 'edit-in-worktrees'] as const)(
  'in the profile %s programs neither see what no agent sees nor leave anything that git would run',
  async (profile) => {
    const run = await escapeRun();
    const said = SAID.map(bash);
    const calls = [PLANTS, SPIES].map((lines) => bash(lines.map((line) => `( ${line} ) 2>&1`).join('\n')));
    const first = bash(
      `printf '#!/bin/sh\\ntouch ran\\n' > hook.sh; chmod +x hook.sh; echo ${order(...calls, ...said)}`,
    );
    const obeyed = await run.obey([order(first)], { profile, ...rules({ deny: ['read_file(private/**)'] }) });
    if (!(await osSandbox()).available) return expectDenied(obeyed, [first]);
    expect(obeyed.calls.filter(({ name }) => name === 'bash')).toHaveLength(1 + calls.length + said.length);
    expectDenied(obeyed, said);
    expect(obeyed.calls.filter(({ isError }) => isError)).toHaveLength(said.length);
    asThePerson(run);
    expect(existsSync(join(run.workspace, 'ran'))).toBe(false);
    expect(readdirSync(run.outside)).toEqual(['secret.txt']);
  },
);

test('where more files may hold secrets than a sandbox can hide, nothing is run', async () => {
  const { workspace, obey } = await escapeRun();
  const decoys = Array.from({ length: 1_001 }, (_, at) => [`src/${at}.pem`, 'x']);
  writeFiles(workspace, Object.fromEntries(decoys));
  const reading = bash('cat .env keys/id_rsa');
  expectDenied(await obey([order(reading)], { profile: 'trusted' }), [reading]);
});

test('what a program of an agent makes that says which programs run is told to the person', async () => {
  const { manager, obey } = await escapeRun();
  const making = bash('mkdir .vscode sub; echo {} | tee .vscode/tasks.json; cd sub && git init -q .; touch .envrc');
  const reading = bash('ls -a');
  const { runId, calls } = await obey([order(making), order(reading)], { profile: 'trusted' });
  const logs = manager.events(runId, 0).flatMap((event) => (event.type === 'log' ? [event] : []));
  if (!(await osSandbox()).available) return expect(calls.every(({ isError }) => isError)).toBe(true);
  const told = logs.filter(({ message }) => message.includes('what says which programs run'));
  expect(new Set(told.map(({ level }) => level))).toEqual(new Set(['warning']));
  // The other agent, at work meanwhile, may have seen but a part of it come.
  const made = ['.vscode', 'sub/.git', 'sub/.envrc'];
  expect(told.some(({ message }) => made.every((path) => message.includes(path)))).toBe(true);
});
