import type { Observable, Unsubscribable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { drain } from '../streams/drain.js';
import type { Log } from '../streams/log.js';

/** Logs what of a configuration may surprise (`config_note`), and what of a changed one that was not told before. */
export const tellNotes = (first: Settings, changes$: Observable<Settings>, log: Log): Unsubscribable => {
  let told = new Set<string>();
  const tell = ({ notes = [] }: Settings): void => {
    const now = notes.map((note) => ({ ...note, key: `${note.path} ${note.message}` }));
    for (const { path, line, message, key } of now)
      if (!told.has(key)) log.warn({ event: 'config_note', path, line }, message);
    told = new Set(now.map(({ key }) => key));
  };
  tell(first);
  return drain(changes$, tell);
};
