import { signal } from '@preact/signals';
import type { Me } from './contract.js';

/** Who is signed in; undefined for nobody, or as long as nobody knows. */
export const me = signal<Me | undefined>(undefined);
