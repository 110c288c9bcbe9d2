import type { CuttingProxy } from '../../support/cuttingProxy.js';
import type { Instance } from './startInstance.js';

/** What is done to an instance. */
export interface Harm {
  readonly name: string;
  /** Numbers of those it is done to, one after the other. */
  readonly victims: readonly number[];
  /** Done to the way there, and not to the instance itself. */
  readonly onTheWay?: true;
  /** Calls that come while it lasts. */
  readonly calls: number;
  readonly hurt: (instance: Instance, way: CuttingProxy) => unknown;
  readonly heal: (instance: Instance, way: CuttingProxy) => unknown;
}

export const harms: readonly Harm[] = [
  {
    name: 'is killed (SIGKILL)',
    victims: [1],
    calls: 500,
    hurt: (one) => one.end('SIGKILL'),
    heal: (one) => one.restart(),
  },
  {
    name: 'is frozen (SIGSTOP)',
    victims: [1],
    calls: 500,
    hurt: (one) => one.signal('SIGSTOP'),
    heal: (one) => one.signal('SIGCONT'),
  },
  {
    name: 'answers 500',
    victims: [1],
    calls: 500,
    hurt: (one) => one.be('failing'),
    heal: (one) => one.be('well'),
  },
  {
    name: 'accepts and never answers',
    victims: [1],
    calls: 500,
    hurt: (one) => one.be('silent'),
    heal: (one) => one.be('well'),
  },
  {
    name: 'is cut off in the middle of each answer',
    victims: [1],
    calls: 500,
    onTheWay: true,
    hurt: (_one, way) => way.cutAnswers(true),
    heal: (_one, way) => way.cutAnswers(false),
  },
  {
    name: 'is restarted (SIGTERM), and then the others',
    victims: [0, 1, 2],
    calls: 200,
    hurt: (one) => one.end('SIGTERM'),
    heal: (one) => one.restart(),
  },
];
