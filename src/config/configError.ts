/** One thing that is wrong with the configuration, and where. Never holds a value that came from the environment. */
export interface Diagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units as editors count. */
  readonly column: number;
  /** Dotted, e.g. `servers.orders.urls[1]`; empty for the document itself. */
  readonly path: string;
  /** What is wrong, without the full stop. */
  readonly message: string;
  /** What to do about it, without the full stop. */
  readonly remedy: string;
}

/** As compilers write it: `file:line:column: message. Remedy.`, which terminals and editors make a link of. */
export const printDiagnostic = (diagnostic: Diagnostic): string => {
  const { file, line, column, message, remedy } = diagnostic;
  return `${file}:${line}:${column}: ${sentence(message)} ${sentence(remedy)}`;
};

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** The configuration can not be used. Carries everything that is wrong, in the order of the file; the message prints it all. */
export class ConfigError extends Error {
  readonly code = 'ERR_CONFIG';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const sorted = [...diagnostics].sort((a, b) => a.line - b.line || a.column - b.column);
    super(sorted.map(printDiagnostic).join('\n'));
    this.name = 'ConfigError';
    this.diagnostics = sorted;
  }
}
