import { plain } from '../protocol/plain-text.ts';
import type { CheckpointInfo } from '../protocol/run-events.ts';

/** A message has room for so many choices, of so many characters. */
const MOST_CHOICES = 3;
const LONGEST_CHOICE = 40;

/** What a link of a message does. */
export type Act = { name: 'choose'; choice: string } | { name: 'answer' } | { name: 'show' };

/** A link of a message. */
export interface MessageLink<A> {
  /** As the script or we call it, without brackets. */
  label: string;
  /** Said where somebody points at it; a person who hears it hears that, too. */
  title: string;
  act: A;
}

export type Offer = MessageLink<Act>;

const ANSWER: Offer = { label: 'Answer…', title: 'Step by step', act: { name: 'answer' } };
/** Its words stay in one line. */
const SHOW: Offer = { label: 'Show\u00a0Run', title: 'In its panel', act: { name: 'show' } };
/** What the message itself says: a choice of that name would be taken for it. */
const OURS = [ANSWER.label, 'Show Run', 'Later', 'Cancel'];
const SEEN = /[^\s\p{C}]/u;

/** What can be done about a question from its message: its choices, where they are short and few and need nothing more, and what always can. */
export function offersOf({ choices, schema }: Pick<CheckpointInfo, 'choices' | 'schema'>): Offer[] {
  const labels = choices.map((choice) => unbracketed(plain(choice, LONGEST_CHOICE)));
  const fits =
    !schema &&
    choices.length <= MOST_CHOICES &&
    choices.every((choice) => choice.length <= LONGEST_CHOICE) &&
    new Set(labels).size === labels.length &&
    labels.every((label) => SEEN.test(label) && !OURS.includes(label));
  const direct = choices.map(
    (choice, index): Offer => ({ label: labels[index] ?? '', title: 'Answer', act: { name: 'choose', choice } }),
  );
  return [...(fits ? direct : []), ANSWER, SHOW];
}

/**
 * The text of a message whose offers are links.
 * @param link Where an offer leads: a URI without blanks or brackets.
 */
export function questionMessage(
  { run, question }: { run: string; question: string },
  offers: Offer[],
  link: (offer: Offer) => string,
): string {
  return messageText(`“${unbracketed(plain(run, 60))}” asks: ${unbracketed(plain(question))}`, offers, link);
}

/**
 * VS Code finds links by their brackets, also one that begins in a text and ends in our own; so what is not ours has none.
 * @param words Without such brackets.
 */
export function messageText<A>(
  words: string,
  offers: MessageLink<A>[],
  link: (offer: MessageLink<A>) => string,
): string {
  const links = offers.map((offer) => `[${offer.label}](${link(offer)} "${offer.title}")`);
  return `${words} — ${links.join(' · ')}`;
}

/** Such brackets as round ones, which every font has and every voice reads. */
export function unbracketed(text: string): string {
  return text.replaceAll('[', '(').replaceAll(']', ')');
}
