import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { VirtualTimeScheduler } from 'rxjs';
import { ListenError } from '../../../src/gateway/listenError.js';
import { Crew } from '../../../src/gateway/workers/crew.js';
import { CrewError } from '../../../src/gateway/workers/crewError.js';
import type { CrewWorker, WorkerProcess } from '../../../src/gateway/workers/crewWorker.js';
import type { CallRecord } from '../../../src/protocol/audit/callRecord.js';
import type { Order, Told } from '../../../src/gateway/workers/messages.js';

/** The other end of a worker's channel. */
class Child extends EventEmitter {
  connected = true;
  readonly orders: Order[] = [];
  readonly pid: number;
  /** Messages that have not been taken from the channel. */
  readonly #sent: (() => void)[] = [];
  reads = true;

  constructor(pid: number) {
    super();
    this.pid = pid;
  }

  send(order: Order, done: () => void): boolean {
    this.orders.push(order);
    if (this.reads) done();
    else this.#sent.push(done);
    return true;
  }

  /** Takes what was sent. */
  read(): void {
    for (const done of this.#sent.splice(0)) done();
  }

  tell(told: Told): void {
    this.emit('message', told);
  }

  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }

  kill(): boolean {
    this.end(null, 'SIGKILL');
    return true;
  }

  of<K extends string>(key: K): Order | undefined {
    return this.orders.find((order) => key in order);
  }
}

describe('gateway/workers: Crew', () => {
  let children: Child[];
  let scheduler: VirtualTimeScheduler;
  let events: string[];
  let parted: number[];
  let taken: string[];
  let crew: Crew;
  let current: unknown;
  beforeEach(() => {
    current = 'first';
    children = [];
    events = [];
    parted = [];
    taken = [];
    scheduler = new VirtualTimeScheduler();
    const note = ({ event }: Readonly<Record<string, unknown>>): void => void events.push(String(event));
    crew = new Crew({
      size: 2,
      version: '1',
      fork: () => {
        const child = new Child(children.length + 1);
        children.push(child);
        return child as unknown as WorkerProcess;
      },
      beginning: () => ({ settings: current, key: new Uint8Array() }),
      joined: () => undefined,
      parted: ({ number }: CrewWorker) => parted.push(number),
      asked: () => undefined,
      recorded: ({ records }) => void taken.push(...records.map(({ id }) => id)),
      log: { debug: note, info: note, warn: note, error: note },
      scheduler,
    });
  });
  const pass = (ms: number): void => {
    scheduler.maxFrames = scheduler.frame + ms;
    scheduler.flush();
    scheduler.frame = scheduler.maxFrames;
  };
  const child = (index: number): Child => children[index] ?? assert.fail(`no process ${index}`);
  const listening = (index: number, url = 'http://127.0.0.1:4321'): void => {
    child(index).tell({ hello: '1' });
    child(index).tell({ listening: url });
  };
  const started = async (): Promise<void> => {
    const start = crew.start();
    listening(0);
    listening(1);
    assert.equal(await start, 'http://127.0.0.1:4321');
    for (const each of children) each.tell({ ready: true });
    await crew.ready();
  };

  it('begins each once it says that it is there', () => {
    void crew.start();
    assert.equal(children.length, 2);
    assert.deepEqual(child(0).orders, []);
    child(0).tell({ hello: '1' });
    const begin = child(0).of('begin');
    assert.ok(begin && 'begin' in begin);
    assert.equal(begin.begin.number, 1);
    assert.notEqual(begin.begin.instance, '');
  });

  it('does not start where the port is taken', async () => {
    const start = crew.start();
    child(0).tell({ hello: '1' });
    child(0).tell({ refused: { host: 'h', port: 1, code: 'EADDRINUSE', message: 'no' } });
    await assert.rejects(start, ListenError);
  });

  it('does not start where they end before they listen', async () => {
    const start = crew.start();
    child(1).end(1);
    await assert.rejects(start, CrewError);
    pass(60_000);
    assert.equal(children.length, 2, 'and none is started again');
  });

  it('wants records only while told so, and of one that is started later too', async () => {
    await started();
    assert.equal(child(0).of('records'), undefined);
    crew.wantRecords(true);
    assert.deepEqual(child(0).of('records'), { records: true });
    child(1).tell({ records: [{ id: 'a' } as CallRecord], dropped: 0 });
    assert.deepEqual(taken, ['a']);
    child(0).end(1);
    pass(1000);
    listening(2);
    assert.deepEqual(child(2).of('records'), { records: true });
    crew.wantRecords(false);
    assert.deepEqual(child(2).orders.at(-1), { records: false });
  });

  it('replaces one that ends, the one time at once, the next ones slower', async () => {
    await started();
    pass(20_000);
    child(0).end(null, 'SIGKILL');
    pass(0);
    assert.equal(children.length, 3);
    assert.deepEqual([parted, crew.replaced, crew.isLoop], [[1], 1, false]);
    for (const index of [2, 3, 4]) {
      const living: number = children.length;
      child(index).end(1);
      pass(99);
      assert.equal(children.length, living, 'not at once');
      pass(1000);
      assert.equal(children.length, living + 1);
    }
    assert.equal(crew.isLoop, true);
    assert.deepEqual(events, ['worker_ended', 'worker_ended', 'worker_ended', 'worker_crash_loop']);
  });

  it('replaces one that has left, and holds it for sound', async () => {
    await started();
    child(1).tell({ leaving: true });
    child(1).end(0);
    pass(0);
    assert.equal(children.length, 3);
    assert.deepEqual(events, ['worker_left']);
  });

  it('gives the port that the system chose to those that come when all were gone', async () => {
    await started();
    const portOf = (index: number): number => {
      child(index).tell({ hello: '1' });
      const begin = child(index).of('begin');
      return begin && 'begin' in begin ? begin.begin.port : -1;
    };
    child(0).end(1);
    pass(1000);
    assert.equal(portOf(2), 0, 'the listener that is there is shared');
    child(1).end(1);
    child(2).end(1);
    pass(1000);
    assert.deepEqual([portOf(3), portOf(4)], [4321, 4321]);
  });

  it('takes no worker of another version', async () => {
    await started();
    child(0).end(1);
    pass(1000);
    child(2).tell({ hello: '2' });
    assert.ok(events.includes('worker_version'));
    assert.equal(child(2).connected, false);
  });

  it('ends one that answers no pulse', async () => {
    await started();
    for (let pulse = 0; pulse < 5; pulse++) {
      pass(10_000);
      child(0).tell({ report: 0, pulse: true });
    }
    assert.equal(child(0).connected, true);
    assert.equal(child(1).connected, false);
    assert.ok(events.includes('worker_stuck'));
  });

  it('hands over the newest settings only, while others are on their way', async () => {
    await started();
    child(0).reads = false;
    for (const settings of ['a', 'b', 'c']) crew.configure(settings);
    const sent = () => child(0).orders.flatMap((order) => ('settings' in order ? [order.settings] : []));
    assert.deepEqual(sent(), ['a']);
    child(0).read();
    assert.deepEqual(sent(), ['a', 'c']);
  });

  it('hands over what has changed while one began', async () => {
    const start = crew.start();
    child(0).tell({ hello: '1' });
    current = 'second';
    crew.configure(current);
    child(0).tell({ listening: 'http://127.0.0.1:4321' });
    listening(1);
    await start;
    assert.deepEqual(
      children.map(({ orders }) => orders.flatMap((order) => ('settings' in order ? [order.settings] : []))),
      [['second'], []],
    );
  });

  it('ends one that does not read what it is told', async () => {
    await started();
    child(0).reads = false;
    const [worker] = crew.live;
    for (let n = 0; n <= 20_000; n++) worker?.tell({ stop: true });
    assert.equal(child(0).connected, false);
    assert.deepEqual(events, ['worker_stuck', 'worker_ended']);
  });

  it('has no report of one that ends meanwhile', async () => {
    await started();
    const reports = crew.report('pulse');
    const [first] = crew.live;
    const asked = child(0).of('report');
    assert.ok(asked && 'report' in asked);
    child(0).tell({ report: asked.report, pulse: true });
    child(1).end(1);
    assert.deepEqual([...(await reports).keys()], [first]);
  });

  it('stops: all are told, those that take too long are ended, none is replaced', async () => {
    await started();
    const stopped = crew.stop(5000);
    assert.ok(child(0).of('stop') && child(1).of('stop'));
    child(0).end(0);
    pass(5000);
    await stopped;
    assert.equal(child(1).connected, false);
    pass(60_000);
    assert.equal(children.length, 2);
    assert.deepEqual(events, []);
  });
});
