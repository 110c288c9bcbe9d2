import { spawn } from 'node:child_process';
import type { Terminal } from './terminal.js';

/** Opens a URL in the person's browser where there is one; where it fails, the URL has been printed as well. */
export const openBrowser = (url: URL, env: Terminal['env']): void => {
  const [command, ...args] = launcher(env);
  if (command === undefined) return;
  const child = spawn(command, [...args, url.href], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // no browser: the person copies the URL
  child.unref();
};

const launcher = (env: Terminal['env']): readonly string[] => {
  if (process.platform === 'darwin') return ['open'];
  // No shell: a URL of somebody else's document is not for one to read.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined ? [] : ['xdg-open'];
};
