import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { App } from './app.js';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/views.css';

const root = document.getElementById('root');
if (root !== null) render(<App />, root);
