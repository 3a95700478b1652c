/** Starts the browser app: routes and the shell around them. */
import { Route, Router } from '@solidjs/router';
import { lazy } from 'solid-js';
import { render } from 'solid-js/web';
import { App } from './app.tsx';
import { startBreath } from './components/breath.ts';
import { HomePage } from './home/home-page.tsx';
import { NotFoundPage } from './shell/not-found.tsx';
import './tokens.css';
import './styles/app.css';
import './styles/shell.css';

const ComparePage = lazy(() => import('./compare/compare-page.tsx'));
const AnalysisPage = lazy(() => import('./compare/analysis/analysis-page.tsx'));
const NotebookPage = lazy(() => import('./notebook/notebook-page.tsx'));
const RoomPage = lazy(() => import('./room/room-page.tsx'));
const ExperimentRoomPage = lazy(() => import('./room/experiment-room-page.tsx'));
const ResultsPage = lazy(() => import('./results/results-page.tsx'));
const FilesPage = lazy(() => import('./files/files-page.tsx'));
const TrialsPage = lazy(() => import('./experiments/trials-page.tsx'));
const ExperimentsPage = lazy(() => import('./experiments/experiments-page.tsx'));

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

render(
  () => (
    <Router root={App}>
      <Route path="/" component={HomePage} />
      <Route path="/notebooks" component={FilesPage} />
      <Route path="/notebooks/:id" component={NotebookPage} />
      <Route path="/trials" component={TrialsPage} />
      <Route path="/trials/:id" component={RoomPage} />
      <Route path="/trials/:id/results" component={ResultsPage} />
      <Route path="/experiments" component={ExperimentsPage} />
      <Route path="/experiments/:id" component={ExperimentRoomPage} />
      <Route path="/compare" component={ComparePage} />
      <Route path="/experiments/:id/analysis" component={AnalysisPage} />
      <Route path="*" component={NotFoundPage} />
    </Router>
  ),
  root,
);
startBreath();
