import { Fragment, useEffect, useRef } from 'react';
import { Icon } from '../icon.tsx';
import { usePlanned, useStore } from '../store.ts';

interface KeyGroup {
  title: string;
  keys: [names: string[], words: string][];
}

/** These are keys of the editor, which may have been given others. */
const ON_RUN: KeyGroup = {
  title: 'On the run, in the editor',
  keys: [
    [['Shift+Alt+P'], 'pause, and go on'],
    [['Shift+Alt+N'], 'add an agent of your own'],
    [['Shift+Alt+A'], 'answer a question'],
    [['Shift+Alt+S'], 'stop'],
  ],
};
const ON_AGENT: KeyGroup = {
  title: 'On an agent',
  keys: [
    [['R'], 'retry'],
    [['S'], 'skip, with an answer of yours or without'],
    [['X', 'Delete'], 'stop'],
    [['M'], 'send a message'],
  ],
};
const ON_PERMISSION: KeyGroup = {
  title: 'On the buttons of a permission',
  keys: [
    [['A'], 'allow once'],
    [['D'], 'deny'],
  ],
};
const DECISION: KeyGroup = { title: 'Where it asks whether it may run', keys: [[['Ctrl+Enter'], 'run it']] };

/** What can be done with them, by what is shown: in a saved page nothing. */
const ACTING = { run: [ON_RUN, ON_AGENT, ON_PERMISSION], preview: [DECISION], page: [] };

const keysOf = (shown: keyof typeof ACTING): KeyGroup[] => [
  {
    title: 'Walk the run',
    keys: [
      [['↓', '↑'], 'the next and the previous line'],
      [['→', '←'], 'into a group, and out of it'],
      [['Home', 'End'], 'the first and the last line'],
      [['a … z'], 'the next line with a word that begins so'],
      [['Enter'], 'open the details'],
      [['Escape'], 'back to where you were'],
      [['Shift+F10'], 'what can be done here'],
    ],
  },
  ...ACTING[shown],
  {
    title: 'The panel',
    keys: [
      [['F'], 'follow what is at work'],
      [['Ctrl+F'], 'find'],
      [['Tab'], 'the next part: bar, tree, picture, details, log'],
      [['?'], 'this list'],
    ],
  },
];

/** The keys of the panel, over all of it until it is closed; the browser keeps the focus in it and gives it back. */
export function HelpSheet({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const planned = usePlanned();
  const { host } = useStore();
  const shown = host.kind === 'page' ? 'page' : planned ? 'preview' : 'run';
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog className="help" ref={dialog} aria-labelledby="help-title" onClose={close}>
      <div className="help-head">
        <h2 id="help-title">Keys</h2>
        <button
          type="button"
          className="icon-button"
          aria-label="Close the list of keys"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </div>
      {keysOf(shown).map(({ title, keys }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([names, words]) => (
              <div key={words}>
                <dt>
                  {names.map((name, index) => (
                    <Fragment key={name}>
                      {index > 0 && ' '}
                      <kbd>{name}</kbd>
                    </Fragment>
                  ))}
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  );
}
