import { jsonPath } from '../protocol/redaction/jsonPath.js';
import { textFinder } from '../protocol/redaction/textFinder.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** Rules for redaction that find nothing, or can't be read, and paths that nothing can be ignored by. */
export const checkRedact = ({ redact, record }: RawConfig, report: Report): void => {
  if (report.sound('/redact')) checkRules('/redact/rules', redact?.rules, report);
  if (!report.sound('/record')) return;
  checkRules('/record/redact', record?.redact, report);
  for (const [index, path] of (record?.ignore ?? []).entries())
    complain(`/record/ignore/${index}`, 'path', report, () => jsonPath(path));
};

const checkRules = (
  list: string,
  rules: NonNullable<RawConfig['record']>['redact'] = [],
  report: Report,
): void => {
  for (const [index, { detect, patterns = [], paths = [], keep_last, action }] of rules.entries()) {
    const pointer = `${list}/${index}`;
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
