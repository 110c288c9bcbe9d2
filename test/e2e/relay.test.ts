import { startSharing } from '../support/startSharing.js';
import { sharedSessions } from './sharedSessions.contract.js';

describe('Gateways that share a session book', () => sharedSessions(startSharing));
