import { hasDigits } from './hasDigits.js';
import { matchSpans } from './matchSpans.js';
import type { Span } from './span.js';

/** 13 to 19 digits in one, or in the groups that are printed on cards. */
const candidate =
  /(?<![A-Za-z0-9_])(?<!\d[.,-])(?:\d{13,19}|\d{4}(?<a>[ -])\d{4}\k<a>\d{4}\k<a>\d{1,7}|\d{4}(?<b>[ -])\d{6}\k<b>\d{4,5})(?![A-Za-z0-9_])(?![.,-]\d)/g;

/** Beginnings of the issuers' numbers (ISO/IEC 7812), with the lengths they give out. */
const issuers: readonly (readonly [begins: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^3(?:0[0-5]|[68-9])/, [14, 16, 19]], // Diners Club
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]], // JCB
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50|5[6-9]|6[0137])/, [13, 14, 15, 16, 17, 18, 19]], // Maestro
];

/** Finds numbers of payment cards: an issuer's beginning and length, and a checksum that holds (Luhn). */
export const cardSpans = (text: string): Span[] =>
  hasDigits(text, 13) ? matchSpans(text, candidate, isCard) : [];

const isCard = (found: string): boolean => {
  const digits = found.replace(/[ -]/g, '');
  return (
    luhnHolds(digits) &&
    issuers.some(([begins, lengths]) => begins.test(digits) && lengths.includes(digits.length))
  );
};

const luhnHolds = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};
