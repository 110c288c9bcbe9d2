import { effect, signal } from '@preact/signals';

/** What the reader chose; 'system' goes with the machine. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'sluice.theme';
const stored = localStorage.getItem(key);

/** Light or dark; kept in the browser. */
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  localStorage.setItem(key, theme.value);
});
