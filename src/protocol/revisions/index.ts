/** All revisions the gateway speaks with its clients, made when first asked for: each holds a compiled schema. */
import { legacy, legacyVersions, type LegacyVersion } from './legacy.js';
import { modern, modernVersions, type ModernVersion } from './modern.js';
import type { Revision } from './revision.js';

const made = new Map<string, Revision>();

const make = (version: string): Revision | undefined => {
  if ((legacyVersions as readonly string[]).includes(version)) return legacy(version as LegacyVersion);
  if ((modernVersions as readonly string[]).includes(version)) return modern(version as ModernVersion);
  return undefined;
};

/** The revision of that date, or undefined when the gateway does not speak it. */
export const revisionOf = (version: string): Revision | undefined => {
  const known = made.get(version);
  if (known !== undefined) return known;
  const revision = make(version);
  if (revision !== undefined) made.set(version, revision);
  return revision;
};

/** The revision for a `version` that is known to exist; for constants. */
export const knownRevision = (version: LegacyVersion | ModernVersion): Revision => {
  const revision = revisionOf(version);
  if (revision === undefined) throw new TypeError(`no revision ${version}`);
  return revision;
};

/** What `initialize` answers: the version asked for if it is spoken here, else the newest of its era. */
export const negotiate = (requested: unknown): Revision =>
  (typeof requested === 'string' && (legacyVersions as readonly string[]).includes(requested)
    ? revisionOf(requested)
    : undefined) ?? knownRevision(legacyVersions[0]);

/** What a client without a version header speaks (2025-06-18: transports, protocol version header). */
export const assumedVersion = '2025-03-26' satisfies LegacyVersion;
