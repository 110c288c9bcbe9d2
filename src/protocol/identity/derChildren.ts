import { derValue, type DerValue } from './derValue.js';

/** The values within a sequence or a set, in order, as far as they can be read. */
export const derChildren = (der: Buffer, parent: DerValue | undefined): readonly DerValue[] => {
  const children: DerValue[] = [];
  const end = Math.min(parent?.end ?? 0, der.length);
  let at = parent?.start ?? 0;
  while (at < end) {
    const child = derValue(der, at);
    if (child === undefined || child.end > end) break;
    children.push(child);
    at = child.end;
  }
  return children;
};
