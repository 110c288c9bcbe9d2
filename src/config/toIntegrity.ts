import { resolve } from 'node:path';
import type { IntegritySettings } from './integritySettings.js';
import type { RawConfig } from './schema.js';

/** @param baseDir what a relative path of pins starts from */
export const toIntegrity = ({ integrity = {} }: RawConfig, baseDir: string): IntegritySettings => ({
  ...(integrity.pins !== undefined && { pins: resolve(baseDir, integrity.pins) }),
  newcomers: integrity.new ?? 'hold',
  suspicious: integrity.suspicious ?? 'report',
});
