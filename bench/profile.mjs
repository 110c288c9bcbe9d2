/**
 * Where Sluice spends its time under load: self time by function and by module, from V8's sampling profiler.
 *
 *     node bench/profile.mjs [--workload modern|legacy|rest] [--clients 32] [--seconds 8] [--target sluice|bare-node] [--config FILE]
 *
 * `--config` is a file of settings beside those of every run, such as `opa`. Samples of the first seconds (start, warm-up) are left out. The profiler itself costs some per cent: shares, not
 * absolute times, are the result.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBackend, startBareProxy, startLoad, startSluice, stopAll } from './targets.mjs';

const { values: flags } = parseArgs({
  options: {
    workload: { type: 'string', default: 'modern' },
    clients: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '8' },
    target: { type: 'string', default: 'sluice' },
    config: { type: 'string' },
    rows: { type: 'string', default: '45' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-profile-'));
const profiling = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'];
const ms = Number(flags.seconds) * 1000;

/** `…/node_modules/undici/lib/x.js` → `undici/lib/x.js`, `…/dist/x.js` → `dist/x.js`. */
const shortened = (url) => {
  const path = url.replace('file://', '');
  const at = path.lastIndexOf('/node_modules/');
  if (at >= 0) return path.slice(at + '/node_modules/'.length);
  return path.replace(/^.*\/(dist|bench)\//, '$1/');
};

/** The module a frame belongs to, coarse enough for a pie. */
const areaOf = ({ functionName, url }) => {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:'))
    return url.startsWith('node:internal') ? url.split('/').slice(0, 2).join('/') : url;
  const path = shortened(url);
  return path.startsWith('dist/') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0];
};

/** Samples after `fromUs`, as self time per node id. */
const selfTimes = ({ samples, timeDeltas, startTime }, fromUs) => {
  const times = new Map();
  let at = startTime;
  samples.forEach((id, n) => {
    at += timeDeltas[n];
    if (at - startTime >= fromUs) times.set(id, (times.get(id) ?? 0) + timeDeltas[n]);
  });
  return times;
};

const print = (title, times, total, rows) => {
  console.log(`\n${title}`);
  const sorted = [...times].sort((a, b) => b[1] - a[1]).slice(0, rows);
  for (const [name, time] of sorted)
    console.log(`${((100 * time) / total).toFixed(1).padStart(6)} %  ${name}`);
};

const analyse = (profile, fromUs) => {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const functions = new Map();
  const areas = new Map();
  let total = 0;
  for (const [id, time] of selfTimes(profile, fromUs)) {
    const { callFrame } = byId.get(id);
    if (callFrame.functionName === '(idle)') continue;
    total += time;
    const { functionName, url, lineNumber } = callFrame;
    const name = `${functionName || '(anonymous)'}  ${url === '' ? '' : `${shortened(url)}:${lineNumber + 1}`}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
    areas.set(areaOf(callFrame), (areas.get(areaOf(callFrame)) ?? 0) + time);
  }
  print('Self time by module', areas, total, 25);
  print('Self time by function', functions, total, Number(flags.rows));
};

try {
  const backend = await startBackend();
  const more = flags.config === undefined ? '' : readFileSync(flags.config, 'utf8');
  const isOwn = flags.target === 'sluice';
  const startedAt = performance.now();
  const target = isOwn
    ? await startSluice(backend.port, profiling, { more })
    : await startBareProxy(backend.port, profiling);
  const load = startLoad();
  const tool = !isOwn ? 'echo' : flags.workload === 'rest' ? 'items_get' : 'bench_echo';
  const cell = { port: target.port, workload: flags.workload, tool, concurrency: Number(flags.clients) };
  await load.run({ ...cell, ms: 3000 });
  const warmAt = performance.now();
  const { rps } = await load.run({ ...cell, ms });
  console.log(
    `${flags.target}, ${flags.workload}, ${flags.clients} clients: ${rps.toFixed(0)} req/s while profiled`,
  );
  await stopAll();
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'));
  analyse(JSON.parse(readFileSync(join(folder, file), 'utf8')), (warmAt - startedAt) * 1000);
  console.log(`\nThe whole profile: ${join(folder, file)}`);
} finally {
  await stopAll();
}
