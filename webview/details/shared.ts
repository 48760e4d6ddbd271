import * as checkpointAnswerForm from '../checkpoint/answer-form.tsx';
import * as checkpointWords from '../checkpoint/words.ts';
import * as codeCodeText from '../code/code-text.tsx';
import * as codeDiffText from '../code/diff-text.tsx';
import * as codeLanguages from '../code/languages.ts';
import * as detailsCensus from '../details/census.tsx';
import * as detailsParts from '../details/parts.tsx';
import * as findFindButton from '../find/find-button.tsx';
import * as findFound from '../find/found.ts';
import * as findHits from '../find/hits.ts';
import * as format from '../format.ts';
import * as icon from '../icon.tsx';
import * as markdownMarkdownText from '../markdown/markdown-text.tsx';
import * as states from '../states.ts';
import * as steerAgentActions from '../steer/agent-actions.tsx';
import * as steerUseAsk from '../steer/use-ask.ts';
import * as store from '../store.ts';
import * as topBar from '../top-bar.tsx';
import * as treeAgentBox from '../tree/agent-box.tsx';
import * as treeCells from '../tree/cells.ts';
import * as treeGroupBoxes from '../tree/group-boxes.tsx';
import * as treeJudgeBox from '../tree/judge-box.tsx';
import * as treeSections from '../tree/sections.ts';
import * as treeStateBar from '../tree/state-bar.tsx';
import * as viewState from '../view-state.ts';

/**
 * What the scripts for the side and for previews take from the first: there may be only one of each, for they hold what is
 * selected and what the run is like. By the files' names below `webview`; the build fails on one that is not here.
 */
const shared = {
  'format.ts': format,
  'icon.tsx': icon,
  'states.ts': states,
  'store.ts': store,
  'top-bar.tsx': topBar,
  'view-state.ts': viewState,
  'checkpoint/answer-form.tsx': checkpointAnswerForm,
  'checkpoint/words.ts': checkpointWords,
  'code/code-text.tsx': codeCodeText,
  'code/diff-text.tsx': codeDiffText,
  'code/languages.ts': codeLanguages,
  'details/census.tsx': detailsCensus,
  'details/parts.tsx': detailsParts,
  'find/find-button.tsx': findFindButton,
  'find/found.ts': findFound,
  'find/hits.ts': findHits,
  'markdown/markdown-text.tsx': markdownMarkdownText,
  'steer/agent-actions.tsx': steerAgentActions,
  'steer/use-ask.ts': steerUseAsk,
  'tree/agent-box.tsx': treeAgentBox,
  'tree/cells.ts': treeCells,
  'tree/group-boxes.tsx': treeGroupBoxes,
  'tree/judge-box.tsx': treeJudgeBox,
  'tree/sections.ts': treeSections,
  'tree/state-bar.tsx': treeStateBar,
};

declare global {
  var counterpointShared: typeof shared;
}

globalThis.counterpointShared = shared;
