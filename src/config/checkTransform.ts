import { compiledRewrite } from '../protocol/transform/compiledRewrite.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';
import type { RawTransform } from './schema/transform.js';

/** Expressions and patches that can't be read, wherever they stand. */
export const checkTransform = ({ transform, servers }: RawConfig, report: Report): void => {
  checkRules(transform, '/transform', report);
  for (const [name, server] of Object.entries(servers ?? {})) {
    const pointer = childPointer('/servers', name);
    if (!report.sound(pointer)) continue;
    checkRules(server.transform, `${pointer}/transform`, report);
    for (const [tool, rule] of Object.entries(server.tools ?? {}))
      checkRules(rule.transform, `${childPointer(`${pointer}/tools`, tool)}/transform`, report);
  }
};

const checkRules = (raw: RawTransform | undefined, pointer: string, report: Report): void => {
  if (raw === undefined || !report.sound(pointer)) return;
  for (const key of ['arguments', 'result'] as const) {
    const rule = raw[key];
    if (rule === undefined) continue;
    const { jsonata, patch } = rule;
    if ((jsonata === undefined) === (patch === undefined)) {
      report.add(
        `${pointer}/${key}`,
        'A value is rewritten by `jsonata` or by `patch`',
        jsonata === undefined
          ? 'Write one of them'
          : 'Write one of them; a server and its tool may have one each',
        'key',
      );
      continue;
    }
    const isExpression = jsonata !== undefined;
    const at = `${pointer}/${key}/${isExpression ? 'jsonata' : 'patch'}`;
    try {
      compiledRewrite(isExpression ? { jsonata } : { patch: patch ?? [] });
    } catch (error) {
      // The complaint quotes what was written, which is not shown where it came from the environment.
      const isShown = report.show(at, '') !== 'This value';
      const reason = isShown && error instanceof Error ? `: ${error.message}` : '';
      report.add(
        at,
        `This is no ${isExpression ? 'JSONata expression' : 'JSON Patch'} that can be used${reason}`,
        isExpression
          ? "Mend the expression: it gives the new value, for example `$merge([$, { 'unit': 'EUR' }])`"
          : 'Write operations of RFC 6902, for example `{ op: add, path: /unit, value: EUR }`',
      );
    }
  }
  if (raw.tool_errors !== undefined && raw.result === undefined)
    report.add(
      `${pointer}/tool_errors`,
      '`tool_errors` is about `result`, and there is none',
      'Add `result`, or remove it',
      'key',
    );
};
