import '@vscode/codicons/dist/codicon.css';
import '@xyflow/react/dist/base.css';
import './styles/fallback.css';
import './styles/base.css';
import './styles/tree.css';
import './styles/side.css';
import './styles/list.css';
import './styles/steer.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { findHost } from './host.ts';
import { RunStore, StoreProvider } from './store.ts';
import { ViewProvider, ViewStore } from './view-state.ts';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element to draw in.');
const host = findHost();
const view = new ViewStore(host);
const store = new RunStore(host);
store.subscribe(() => view.showRun(store.runId));
createRoot(root).render(
  <StoreProvider value={store}>
    <ViewProvider value={view}>
      <App />
    </ViewProvider>
  </StoreProvider>,
);
