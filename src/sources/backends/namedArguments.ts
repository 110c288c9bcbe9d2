/**
 * What the arguments of a program name: `--token x`, `--token=x`, `-t x`, and headers such as `Authorization: Bearer x`.
 *
 * @returns names, without what stands in front of them, and values
 */
export const namedArguments = (args: readonly string[]): readonly Named[] =>
  args.flatMap((arg, index) => {
    const [, option, , value] = /^--?([A-Za-z][\w.-]*)(=([^]*))?$/.exec(arg) ?? [];
    if (option === undefined) return headerIn(arg);
    if (value !== undefined) return [[option, value], ...headerIn(value)];
    const next = args[index + 1] ?? '';
    // The next option, or the name of a file.
    return /^(?:-|\.{0,2}\/|~\/)/.test(next) ? [] : [[option, next]];
  });

type Named = readonly [name: string, value: string];

const headerIn = (text: string): readonly Named[] => {
  const [, name, value] = /^([A-Za-z][\w-]*):(?!\/\/)\s*(.+)$/.exec(text) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
};
