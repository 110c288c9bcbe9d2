import type { NeededFiles } from './neededFiles.js';
import type { Report } from './report.js';

/** The one line of text in a file, which is what secrets are. @returns undefined for what can't be used, which the report then says */
export type SecretLine = (pointer: string, file: string, what: string) => string | undefined;

/** Reads secrets from files; never a word of what they hold goes to the report. */
export const secretLine =
  (files: NeededFiles, report: Report): SecretLine =>
  (pointer, file, what) => {
    const text = files.read(pointer, file, what)?.replace(/\r?\n$/, '');
    if (text === undefined) return undefined;
    if (text !== '' && /^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
    const why = text === '' ? 'is empty' : 'holds more than one line, or characters that can not be sent';
    return void report.add(pointer, `The file ${why}`, `Name a file with ${what} and nothing else`);
  };
