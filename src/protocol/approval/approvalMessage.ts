import type { Shown } from './shownArguments.js';
import { visibleText } from './visibleText.js';

/** What a person is asked to approve. */
export interface ApprovedCall {
  /** The tool as the client calls it. */
  readonly tool: string;
  readonly server: string;
  readonly shown: Shown;
}

/** The text of the question: what is about to be called, and with what. */
export const approvalMessage = ({ tool, server, shown }: ApprovedCall): string =>
  [
    `Approve this call? ${visibleText(tool)}, a tool of the server ${visibleText(server)}, is about to be called with:`,
    '',
    shown.text,
    '',
    ...(shown.whole ? [] : ['Not all of it is shown: deny it if you do not know what is missing.', '']),
    'Nothing happens unless you approve. What you approve is this one call, with just these arguments.',
  ].join('\n');
