import { cardSpans } from './cardSpans.js';
import { emailSpans } from './emailSpans.js';
import { ibanSpans } from './ibanSpans.js';
import { phoneSpans } from './phoneSpans.js';
import { secretSpans } from './secretSpans.js';
import type { Span } from './span.js';

/** What can be found without a pattern of one's own, by the name it has in the configuration. Each in linear time. */
export const detectors = {
  email: emailSpans,
  phone: phoneSpans,
  card: cardSpans,
  iban: ibanSpans,
  secret: secretSpans,
} as const satisfies Record<string, (text: string) => Span[]>;

export type DetectorName = keyof typeof detectors;
