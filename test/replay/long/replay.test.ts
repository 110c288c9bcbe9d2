import { everyAnswerMatches } from '../everyAnswerMatches.js';

// 313 rounds are a little over 10,000 calls.
everyAnswerMatches(313, 300_000);
