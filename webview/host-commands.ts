import type { CommandMessage } from '../extension/protocol/panel-messages.ts';
import type { CallRef } from '../extension/protocol/run-control.ts';
import type { Host } from './host.ts';
import type { RunStore } from './store.ts';
import type { ViewName, ViewStore } from './view-state.ts';

const VIEWS: readonly ViewName[] = ['tree', 'timeline', 'list', 'report'];

/** Does in the view what is asked for outside of it: by a key, from the palette, in another view of the editor. */
export function obeyHost(host: Host, store: RunStore, view: ViewStore): void {
  host.listen((message) => {
    if (message.type === 'command') obey(message.command, store, view);
  });
}

function obey(command: CommandMessage['command'], store: RunStore, view: ViewStore): void {
  switch (command.name) {
    case 'find':
      return view.openSearch();
    case 'show':
      if (VIEWS.includes(command.view)) view.change({ view: command.view });
      return;
    case 'reveal':
      return reveal(command.on, store, view);
  }
}

/** A call of another attempt is passed over: what has its number now is something else. */
function reveal(on: CallRef, { tree }: RunStore, view: ViewStore): void {
  const call = tree.calls.get(on.call);
  if (!call || (on.key !== undefined && on.key !== call.info.key)) return;
  if (call.info.kind === 'checkpoint') return view.bringIntoView(call.info.id);
  if (view.state.view === 'report') view.change({ view: 'tree' });
  if (call.asks.length > 0) return view.decide(call.info.id);
  view.reveal({ type: 'call', id: call.info.id });
}
