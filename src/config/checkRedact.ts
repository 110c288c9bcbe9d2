import { jsonPath } from '../protocol/redaction/jsonPath.js';
import { textFinder } from '../protocol/redaction/textFinder.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** Rules for redaction that find nothing, or can't be read. */
export const checkRedact = ({ redact }: RawConfig, report: Report): void => {
  if (redact === undefined || !report.sound('/redact')) return;
  for (const [index, { detect, patterns = [], paths = [], keep_last, action }] of (
    redact.rules ?? []
  ).entries()) {
    const pointer = `/redact/rules/${index}`;
    if (detect === undefined && patterns.length + paths.length === 0)
      report.add(pointer, 'This rule finds nothing', 'Add `detect`, `patterns` or `paths`');
    if (keep_last !== undefined && action !== undefined && action !== 'mask')
      report.add(
        `${pointer}/keep_last`,
        `\`keep_last\` is for masks, not for \`${action}\``,
        'Remove it',
        'key',
      );
    for (const [at, pattern] of patterns.entries())
      complain(`${pointer}/patterns/${at}`, 'pattern', report, () =>
        textFinder({ name: '', detect: [], patterns: [pattern] }),
      );
    for (const [at, path] of paths.entries())
      complain(`${pointer}/paths/${at}`, 'path', report, () => jsonPath(path));
  }
};

const remedies = {
  pattern: 'Write it in RE2 syntax: no look-around, no back-references',
  path: "Write a path such as `$.customer.ssn`, `$..iban` or `$.rows[*]['e-mail']`",
} as const;

const complain = (
  pointer: string,
  what: keyof typeof remedies,
  report: Report,
  read: () => unknown,
): void => {
  try {
    read();
  } catch (error) {
    // The complaint quotes what was written, which is not shown where it came from the environment.
    const isShown = report.show(pointer, '') !== 'This value';
    const reason = isShown && error instanceof Error ? `: ${error.message}` : '';
    report.add(pointer, `This is no ${what} that can be used${reason}`, remedies[what]);
  }
};
