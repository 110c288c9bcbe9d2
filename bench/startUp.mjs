/** From the start of a process until it has answered its first call, and what each of them has in memory then. */
import { readFileSync } from 'node:fs';
