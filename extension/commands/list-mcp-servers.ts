import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { ALLOWED, forbiddenWords, type ListedServer, NO_SERVERS } from '../runs/server-approvals.ts';
import type { ConsentStanding, ServerConsent } from '../runs/server-consent.ts';
import type { ConfigProblem, McpServer } from '../tools/mcp/config.ts';
import { goneRow, problemRow, type ServerRow, serverQuestion, serverRow, wholeDefinition } from './mcp-server-words.ts';
import { openDefinition } from './mcp-servers.ts';
import { plain } from './plain-text.ts';
import { type Asker, askInSteps, pickStep } from './steps.ts';
import type { Workbench } from './workbench.ts';

const TITLE = 'MCP Servers';
/** The first button, as where an agent asks: whoever presses Enter twice has allowed nothing. */
const NO = 'Do Not Allow';
const ALLOW = 'Always for This Definition';

/** What can be done with a server. */
type Act = vscode.QuickPickItem & { perform(): Promise<void> };
type Row = vscode.QuickPickItem & ServerRow & { acts: Act[] };

/** Where the servers of a folder come from, and who may change how they stand. */
interface Place extends Pick<Workbench, 'documents'> {
  workspace: string;
  consent: ServerConsent;
}

/**
 * Lists the MCP servers of a folder with how they stand, and lets a person allow one, take that back or read its definition. Starts nothing.
 * @throws UserError in Restricted Mode, and where what was allowed cannot be told.
 */
export async function showServers({ workspaces, consents, documents }: Workbench): Promise<void> {
  if (!vscode.workspace.isTrusted)
    throw new UserError(
      'not-trusted',
      'No MCP server can be allowed in Restricted Mode: none is started there, for this folder says what it runs. Trust the folder first.',
    );
  const folder = await workspaces.choose('The MCP servers of which folder?');
  if (!folder) return;
  const place = { documents, workspace: folder.uri.fsPath, consent: consents.of(folder) };
  const rows = await rowsOf(place);
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(`This folder has no MCP servers. ${NO_SERVERS}`, 'OK');
    return;
  }
  const chosen: { row: Row | null; act: Act | null } = { row: null, act: null };
  const askRow: Asker = async (step) => {
    const active = ({ name }: Row) => name === chosen.row?.name;
    const picked = await pickStep({ ...step, placeholder: 'Which server?', items: rows, active });
    if (picked.type === 'next') chosen.row = picked.value;
    return picked;
  };
  const askAct: Asker = async (step) => {
    const { name, prompt, acts } = chosen.row!;
    const title = `${step.title}: ${name}`;
    const picked = await pickStep({ ...step, title, prompt, placeholder: 'What shall be done with it?', items: acts });
    if (picked.type === 'next') chosen.act = picked.value;
    return picked;
  };
  if (await askInSteps(TITLE, () => [askRow, askAct])) await chosen.act?.perform();
}

async function rowsOf(place: Place): Promise<Row[]> {
  const { servers, gone, problems } = await place.consent.list();
  return [
    ...servers.map((listed) => ({ ...serverRow(listed), acts: actsOf(place, listed) })),
    ...problems.map((problem) => ({ ...problemRow(problem), acts: [openAct(place, problem)] })),
    ...gone.map((name) => ({ ...goneRow(name), acts: [forbidAct(place, name)] })),
  ];
}

function actsOf(place: Place, { server, standing }: ListedServer<ConsentStanding>): Act[] {
  const allow: Act = {
    label: '$(check) Allow…',
    detail: 'Shows all that would be started, and asks. It holds for this definition, in this folder.',
    perform: () => allowServer(place, server),
  };
  return [
    ...(standing === 'allowed' ? [] : [allow]),
    ...(standing === 'asked' ? [] : [forbidAct(place, server.name)]),
    openAct(place, server),
  ];
}

function forbidAct({ consent }: Place, name: string): Act {
  return {
    label: '$(circle-slash) Forbid',
    detail: 'Takes every yes back. One that runs does so until this window is closed.',
    async perform() {
      const words = forbiddenWords(await consent.forbid(name));
      tell(`The MCP server “${plain(name, 60)}” ${words}.`);
    },
  };
}

function openAct({ workspace }: Place, at: McpServer | ConfigProblem): Act {
  return {
    label: '$(go-to-file) Open Definition',
    detail: at.line === null ? at.file : `${at.file}, line ${at.line}`,
    perform: () => openDefinition(workspace, at),
  };
}

async function allowServer({ consent, documents }: Place, server: McpServer): Promise<void> {
  const { message, detail, whole } = serverQuestion(server, 'person');
  // What a message cannot hold is read in an editor, while the question waits beside it.
  if (!whole) await documents.openText(`${server.name} (MCP server)`, wholeDefinition(server), 'plaintext');
  const chosen = await (whole
    ? vscode.window.showWarningMessage(message, { modal: true, detail }, NO, ALLOW)
    : vscode.window.showWarningMessage(`${message} The editor shows all of it.`, NO, ALLOW));
  if (chosen !== ALLOW) return;
  // That very definition: what the file says by now would be another one.
  await consent.allow(server);
  tell(`The MCP server “${server.name}” ${ALLOWED}.`);
}

/** VS Code shows all of a message only where it has a button. */
function tell(words: string): void {
  void vscode.window.showInformationMessage(words, 'OK');
}
