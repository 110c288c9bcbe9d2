import { Observable } from 'rxjs';
import { limits } from '../../config/limits.js';
import { refusal } from '../../protocol/errors.js';
import type { Place } from '../../streams/balancing/places.js';
import { connectTo, type Way } from '../backends/connectTo.js';

/** Finds out whether something listens at an instance's address: opens a connection and closes it. */
export const tcpProbe = ({ url, ...way }: Pick<Place, 'url'> & Way): Observable<unknown> => {
  const { hostname, port, protocol } = new URL(url);
  const there = { hostname, protocol: 'http:', port: port || (protocol === 'https:' ? '443' : '80') };
  return new Observable((subscriber) => {
    connectTo(limits.connectMs, way)(there, (cause, socket) => {
      // One that comes when nobody waits any more is closed all the same.
      socket?.destroy();
      if (cause !== null)
        return subscriber.error(
          refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend can not be reached', { cause }),
        );
      subscriber.next('connected');
      subscriber.complete();
    });
  });
};
