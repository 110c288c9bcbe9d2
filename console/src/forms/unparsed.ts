/** What somebody typed where JSON belongs, as long as it is none. */
export class Unparsed {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
