import type { Valve } from '../../src/streams/valve.js';

/** Resolves when a closed valve opens: its client, or the kernel's buffers, have taken what was written. */
export const untilRead = (valve: Valve): Promise<void> =>
  new Promise((resolve) => {
    const attached = valve.attach({
      pause: () => undefined,
      resume() {
        attached.unsubscribe();
        resolve();
      },
    });
  });
