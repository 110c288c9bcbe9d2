import { live } from '../api/live.js';
import { Icon } from './icon.js';

const states = {
  connecting: { tone: 'off', icon: 'wait', text: 'Connecting' },
  live: { tone: 'ok', icon: 'ok', text: 'Live' },
  disconnected: { tone: 'bad', icon: 'bad', text: 'Disconnected' },
} as const;

/** Whether what is shown is what is: told as soon as the stream of events breaks, and when it is back. */
export const Connection = () => {
  const { tone, icon, text } = states[live.connection.value];
  return (
    <span class={`badge connection ${tone}`} role="status">
      <Icon name={icon} />
      {text}
      {live.connection.value === 'disconnected' ? <span class="wide-only">, trying again</span> : null}
    </span>
  );
};
