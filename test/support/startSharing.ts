import { BehaviorSubject, Subject } from 'rxjs';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { workerStores } from '../../src/gateway/workerStores.js';
import { storeBounds } from '../../src/gateway/storeBounds.js';
import type { FromWorker, ToWorker } from '../../src/stores/workers/messages.js';
import { WorkerBook } from '../../src/stores/workers/workerBook.js';
import { latest } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';
import { sharedState, type Sharing, type SharingGateway } from './sharing.js';

/** Starts gateways in this process that share a session book, as workers do; one that vanishes looks to the others as if killed. */
export const startSharing = (servers: string): Promise<Sharing> => {
  const settings = loadSettings(
    `listen: { port: 0 }\nadmin: { port: 0 }\n${sharedState}\nservers:\n${servers}\n`,
    { file: 'test.yaml', env: {}, baseDir: process.cwd() },
  );
  const book = new WorkerBook(storeBounds(settings));
  const living = new Set<Gateway>();
  let count = 0;
  const add = async (): Promise<SharingGateway> => {
    const instance = `instance-${count++}`;
    const messages = new Subject<ToWorker>();
    const wire = {
      send(message: FromWorker) {
        book.take(instance, message);
        // A process that has gone hears no answer, nor does it wait for one.
        return living.has(gateway);
      },
      messages$: messages.asObservable(),
    };
    const gateway = createGateway(latest(new BehaviorSubject(settings), settings), {
      log: silent,
      version: '0.0.0-test',
      storesOf: workerStores(wire, instance, Buffer.alloc(32)),
    });
    living.add(gateway);
    book.join(instance, (message) => messages.next(message));
    const { url, adminUrl } = await gateway.listen();
    await gateway.ready();
    return {
      port: Number(new URL(url).port),
      adminUrl,
      async leave() {
        // Until it has gone it has its say.
        await gateway.close();
        living.delete(gateway);
        book.part(instance);
      },
      async vanish() {
        book.part(instance);
        living.delete(gateway);
        await gateway.close();
      },
    };
  };
  return Promise.resolve({
    add,
    async close() {
      await Promise.all([...living].map((gateway) => gateway.close()));
      book.close();
    },
  });
};
