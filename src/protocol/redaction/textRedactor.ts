import type { Finding } from './findings.js';

/** Takes out of what a server says what is not to pass, also out of texts that come in parts. Nothing is copied where nothing is found. */
export interface TextRedactor {
  /** A text that a person or a model reads. */
  text(text: string): string;
  /**
   * A result, an error, or the params of what a server says or asks.
   *
   * @param uri a resource that was asked for, which goes on to be called so
   */
  message<T extends object>(holder: T, uri?: string): T;
  /** What is to be taken out of a text, in order, none within another. */
  find(text: string): readonly Finding[];
  /** What comes in the place of something found. */
  replaced(text: string, found: Finding): string;
  /** From where on a text may hold the beginning of what would be found, whose rest is still to come; its length where there is none. */
  openFrom(text: string): number;
}
