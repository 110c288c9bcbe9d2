import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Say, Surroundings } from './note.js';
import { childPointer } from './pointer.js';
import type { RawConfig } from './schema.js';

/** Rego that is nowhere, and no program to compile it: until there is one, nothing is allowed. */
export const notesOnOpa = ({ opa, servers = {} }: RawConfig, around: Surroundings, say: Say): void => {
  const { baseDir, env } = around;
  const policies = [
    ['/opa', opa] as const,
    ['/opa/shadow', opa?.shadow] as const,
    ...Object.entries(servers).map(
      ([name, server]) => [`${childPointer('/servers', name)}/opa`, server.opa] as const,
    ),
  ];
  for (const [pointer, policy] of policies) {
    const { rego = [] } = policy ?? {};
    for (const [index, place] of [rego].flat().entries())
      if (!place.startsWith('consul:') && !existsSync(resolve(baseDir, place)))
        say(
          `${pointer}/rego${Array.isArray(rego) ? `/${index}` : ''}`,
          'there is no such file or folder: nothing is allowed until there is',
        );
  }
  if (!policies.some(([, policy]) => policy?.rego !== undefined)) return;
  const { program = 'opa' } = opa ?? {};
  const remedy = 'Rego can not be compiled, and nothing is allowed: install it, or name it';
  if (program.includes('/')) {
    if (!existsSync(resolve(baseDir, program)))
      say('/opa/program', `there is no such program: ${remedy} here`);
  } else if (!(env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program))))
    say('/opa/program', `there is no \`${program}\` in PATH: ${remedy} in \`opa.program\``);
};
