import { Icon } from './icon.js';
import { iconOf, toneOf, type Tone } from './tone.js';

/** A state in a word, with its icon and colour; `tone` where the word does not tell. */
export const Badge = ({ word, tone = toneOf(word) }: { readonly word: string; readonly tone?: Tone }) => (
  <span class={`badge ${tone}`}>
    <Icon name={iconOf[tone]} />
    {word.replaceAll('_', ' ')}
  </span>
);
