import '@vscode/codicons/dist/codicon.css';
import '@xyflow/react/dist/base.css';
import './styles/fallback.css';
import './styles/base.css';
import './styles/tree.css';
import './styles/side.css';
import './styles/code.css';
import './styles/list.css';
import './styles/timeline.css';
import './styles/steer.css';
import './styles/walk.css';
import './styles/find.css';
import './styles/preview.css';
import './styles/permission.css';
import { createRoot } from 'react-dom/client';
import './details/shared.ts';
import { App } from './app.tsx';
import { FindStore } from './find/find-store.ts';
import { FindProvider } from './find/found.ts';
import { findHost } from './host.ts';
import { obeyHost } from './host-commands.ts';
import { inNextPreview } from './preview/next-preview.ts';
import { RunStore, StoreProvider } from './store.ts';
import { type Selection, ViewProvider, ViewStore } from './view-state.ts';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element to draw in.');
const host = findHost();
const view = new ViewStore(host);
const store = new RunStore(host);
store.subscribe(() => {
  if (!store.loaded) return;
  const carry = (selected: Selection) => inNextPreview(store.before, store.tree, selected);
  view.showRun(store.runId, store.preview ? carry : undefined);
});
const find = new FindStore(store, view);
obeyHost(host, store, view);
createRoot(root).render(
  <StoreProvider value={store}>
    <ViewProvider value={view}>
      <FindProvider value={find}>
        <App />
      </FindProvider>
    </ViewProvider>
  </StoreProvider>,
);
