/** What it takes to test an operator in virtual time, with any test runner. */
export { anyone } from './anyone.js';
export { byCode } from './byCode.js';
export { call, type CallOptions } from './call.js';
export { collect, type CollectingOutlet } from './collect.js';
export { fakeBackend, offerOf, type FakeBackend, type FakeBackendOptions } from './fakeBackend.js';
export { marbles } from './marbles.js';
export { serverOffering, serverSettings } from './serverOffering.js';
export { steadyInstances } from './steadyInstances.js';
