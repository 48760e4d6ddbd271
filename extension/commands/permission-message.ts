import { ANSWER_LABELS, askWords, isSaidInALine } from '../protocol/permission-words.ts';
import { PERMISSION_ANSWERS, type PermissionAnswer, type PermissionQuestion } from '../protocol/permissions.ts';
import { plain } from '../protocol/plain-text.ts';
import type { OpenPermission } from '../runs/open-permissions.ts';
import { type MessageLink, messageText, unbracketed } from './question-message.ts';

/** So much of what a tool call would do stands in a message; a longer one is not allowed from there. */
const MESSAGE_LENGTH = 120;

/** What a link of the message does. */
export type PermissionAct = PermissionAnswer | 'look';

const LOOK: MessageLink<PermissionAct> = {
  label: 'See\u00a0All\u00a0of\u00a0It',
  title: 'In the panel of the run',
  act: 'look',
};

/** What can be done about a tool call from its message: all four answers where it says all that it would do, else a no. */
export function permissionOffers(question: PermissionQuestion): MessageLink<PermissionAct>[] {
  const answers = isSaidInALine(question, MESSAGE_LENGTH) ? PERMISSION_ANSWERS : (['deny'] as const);
  const links = answers.map((answer) => ({
    label: ANSWER_LABELS[answer].replaceAll(' ', '\u00a0'),
    title: 'Answer',
    act: answer,
  }));
  return [...links, LOOK];
}

/** @param link As in `questionMessage`. */
export function permissionMessage(
  { run, asker, question }: Pick<OpenPermission, 'run' | 'asker' | 'question'>,
  link: (offer: MessageLink<PermissionAct>) => string,
): string {
  const asks = plain(askWords(question, MESSAGE_LENGTH), MESSAGE_LENGTH + 60);
  const words = `“${unbracketed(plain(run.name, 60))}”: ${unbracketed(plain(asker, 60))} asks: ${unbracketed(asks)}`;
  return messageText(words, permissionOffers(question), link);
}
