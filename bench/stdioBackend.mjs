/** The same server (answers.mjs) over standard input and output, for gateways that lead to nothing else. */
import { createInterface } from 'node:readline';
import { answerTo, toolsOf } from './answers.mjs';

const tools = toolsOf(1);

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id !== undefined) process.stdout.write(`${JSON.stringify(answerTo(message, tools))}\n`);
});
