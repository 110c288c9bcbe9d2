import { me } from './me.js';

/** Whether who is signed in may act; others may look. */
export const isAdmin = (): boolean => me.value?.roles.includes('admin') === true;
