import type { ExplainQuestion, ExplainedStep, Explanation } from '../protocol/explain/explanation.js';
import { printable } from './printable.js';
import { coloursOf, type Terminal } from './terminal.js';

/** An explanation for people: an operator a line, with what it would do and the line of the configuration that says so. */
export const explanationText = (
  { name, as }: ExplainQuestion,
  { allowed, steps }: Explanation,
  { stdout, env }: Pick<Terminal, 'stdout' | 'env'>,
): string => {
  const { green, red, yellow, dim } = coloursOf(stdout, env);
  const who = as.user ?? as.client ?? (as.tenant === undefined ? 'somebody unknown' : 'somebody');
  const tenant = as.tenant === undefined ? '' : ` of ${as.tenant}`;
  const width = Math.max(...steps.map(({ operator }) => operator.length));
  const signs = { passes: green('ok'), changes: yellow('~~'), refuses: red('NO'), not_reached: dim('..') };
  const lines = steps.map((step) => {
    const place = placeOf(step);
    const detail = step.outcome === 'not_reached' ? dim('not reached') : printable(step.detail, stdout);
    return `  ${signs[step.outcome]} ${step.operator.padEnd(width)}  ${detail}${place === '' ? '' : dim(`  ${place}`)}`;
  });
  const verdict = allowed ? green('would be made') : red('would be refused');
  return `${printable(name, stdout)} for ${printable(who, stdout)}${printable(tenant, stdout)}: ${verdict}\n\n${lines.join('\n')}\n`;
};

const placeOf = ({ outcome, configuration }: ExplainedStep): string => {
  if (outcome === 'not_reached' || configuration === undefined) return '';
  const { file, line, pointer } = configuration;
  return file === undefined ? '' : `${file}:${line ?? 1} (${pointer})`;
};
