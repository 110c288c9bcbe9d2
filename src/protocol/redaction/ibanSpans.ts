import { matchSpans } from './matchSpans.js';
import type { Span } from './span.js';

/** Country and check digits; what follows is counted. */
const beginning = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g;

/** Characters of an IBAN by country (ISO 13616 registry). */
const lengths: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 ' +
    'SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** The shortest there is (Norway). */
const leastLength = 15;

/** Finds bank account numbers: a country's length, single spaces or hyphens allowed, and a checksum that holds (mod 97). */
export const ibanSpans = (text: string): Span[] => {
  const spans: Span[] = [];
  if (text.length < leastLength) return spans;
  for (const { start } of matchSpans(text, beginning)) {
    const length = lengths[text.slice(start, start + 2).toUpperCase()];
    const found = length === undefined ? undefined : characters(text, start, length);
    if (found !== undefined && mod97(found.iban) === 1) spans.push({ start, end: found.end, context: start });
  }
  return spans;
};

/** So many letters and digits from `start`, and where they end; undefined if there are fewer, or more. */
const characters = (
  text: string,
  start: number,
  length: number,
): { readonly iban: string; readonly end: number } | undefined => {
  let iban = '';
  let at = start;
  while (iban.length < length) {
    if (/[ \u00a0-]/.test(text.charAt(at)) && iban.length >= 4) at++;
    const character = text.charAt(at++);
    if (!/^[A-Za-z0-9]$/.test(character)) return undefined;
    iban += character.toUpperCase();
  }
  return /^[A-Za-z0-9]$/.test(text.charAt(at)) ? undefined : { iban, end: at };
};

const mod97 = (iban: string): number => {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
};
