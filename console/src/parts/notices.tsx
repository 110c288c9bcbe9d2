import type { Notice } from '../api/contract.js';
import { Badge } from './badge.js';

/** What an operator should know, each with what to do about it. */
export const Notices = ({ of }: { readonly of: readonly (string | Notice)[] }) => (
  <ul class="notices">
    {of.map((notice) => {
      const { severity, text, remedy } =
        typeof notice === 'string' ? { severity: 'warning', text: notice, remedy: undefined } : notice;
      return (
        <li key={text}>
          <Badge word={severity} />
          <span>
            {text} {remedy === undefined ? null : <span class="quiet">{remedy}</span>}
          </span>
        </li>
      );
    })}
  </ul>
);
