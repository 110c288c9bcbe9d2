import { connect } from 'node:net';
import { Observable } from 'rxjs';
import type { Place } from '../../streams/balancing/places.js';
import { refusal } from '../../protocol/errors.js';

/** Finds out whether something listens at an instance's address: opens a connection and closes it. */
export const tcpProbe = ({ url, at }: Pick<Place, 'url' | 'at'>): Observable<unknown> => {
  const { hostname, port, protocol } = new URL(url);
  const there = at ?? {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
  return new Observable((subscriber) => {
    const socket = connect(there);
    socket.once('connect', () => {
      subscriber.next('connected');
      subscriber.complete();
    });
    socket.on('error', (cause) =>
      subscriber.error(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend can not be reached', { cause })),
    );
    return () => void socket.destroy();
  });
};
