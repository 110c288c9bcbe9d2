/**
 * What else people put in front of an MCP server: nginx, and the gateways of npm's registry that do a gateway's job. Each is started as its
 * own documentation says, with nothing tuned but what its defaults would break (connections that end after so many requests).
 *
 * nginx is Debian's package; the others are fetched by npm into the cache of the services (test/support/services/serviceCache.ts), in the
 * versions below. What can't be had on this machine is left out, and said.
 */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { freePort, launchProgram, stdioServer } from './targets.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

/** The newest that were tried. */
const versions = { 'mcp-proxy': '6.7.19', supergateway: '4.0.0', 'mcp-hub': '4.2.1' };

/** How each is started, which workloads it can do and as what its clients do them, and what is otherwise than with Sluice. */
const gateways = {
  nginx: {
    tool: 'echo',
    kinds: { 'full-chain': 'modern', legacy: 'legacy' },
    async command({ folder, port, backendPort }) {
      const { installed } = await tsImport('../test/support/services/installed.ts', import.meta.url);
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, nginxConfiguration(folder, port, backendPort));
      return [await installed('nginx', ['nginx'], 'apt-get install nginx'), '-c', file, '-p', folder];
    },
  },
  'mcp-proxy': {
    tool: 'echo',
    kinds: { 'full-chain': 'modern', stdio: 'legacy' },
    remark: 'leads to a server on stdio only: the same one, over stdio',
    command: async ({ port }) => [
      ...(await npmProgram('mcp-proxy')),
      ...['--port', String(port), '--host', '127.0.0.1', '--server', 'stream', '--', ...stdioServer],
    ],
  },
  supergateway: {
    tool: 'echo',
    kinds: { 'full-chain': 'modern', stdio: 'legacy' },
    remark:
      'leads to a server on stdio only, and starts one for every call of 2026-07-28 (which then is the limit), for every session of 2025-11-25',
    command: async ({ port }) => [
      ...(await npmProgram('supergateway')),
      ...['--stdio', stdioServer.join(' '), '--outputTransport', 'streamableHttp', '--stateful'],
      ...['--port', String(port), '--logLevel', 'none', '--healthEndpoint', '/healthz'],
    ],
  },
  'mcp-hub': {
    tool: 'bench__echo',
    kinds: { 'full-chain': 'http-sse', legacy: 'http-sse' },
    isReady: async (response) => response.ok && (await response.json()).state === 'ready',
    health: '/api/health',
    remark: 'knows no Streamable HTTP in front: its clients speak HTTP with SSE of 2024-11-05',
    async command({ folder, port, backendPort }) {
      const file = join(folder, 'servers.json');
      writeFileSync(
        file,
        JSON.stringify({ mcpServers: { bench: { url: `http://127.0.0.1:${backendPort}/mcp` } } }),
      );
      return [...(await npmProgram('mcp-hub')), '--port', String(port), '--config', file];
    },
  },
};

/** @returns {Promise<string[]>} the command that starts a program of npm's registry, which is fetched where it is not there yet */
const npmProgram = async (name) => {
  const [{ serviceCache }, { run }] = await Promise.all([
    tsImport('../test/support/services/serviceCache.ts', import.meta.url),
    tsImport('../test/support/services/run.ts', import.meta.url),
  ]);
  const wanted = `${name}@${versions[name]}`;
  const folder = await serviceCache(wanted);
  const about = join(folder, 'node_modules', name, 'package.json');
  // Its lifecycle scripts are nobody's business here.
  const install = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    wanted,
  ];
  const read = () => JSON.parse(readFileSync(about, 'utf8'));
  let found;
  try {
    found = read();
  } catch {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    await run('npm', install, { ms: 240_000 });
    found = read();
  }
  return [
    process.execPath,
    join(dirname(about), typeof found.bin === 'string' ? found.bin : found.bin[name]),
  ];
};

/** One process that does everything, as all others are; no line for each call, as it is of no use in the comparison. */
const nginxConfiguration = (folder, port, backendPort) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  keepalive_requests 1000000000;
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;

/** Whether it can be used: whether it answers anything at all, where it can't be asked more. */
const isUp = async ({ health = '/healthz', isReady = () => true }, port) => {
  try {
    return await isReady(await fetch(`http://127.0.0.1:${port}${health}`));
  } catch {
    return false; // Not listening yet.
  }
};

/**
 * Starts one of them; rejects where it can't be had here.
 *
 * @param {string} name
 * @param {number} backendPort
 * @returns {Promise<{ port: number, pid: number }>}
 */
export const startOther = async (name, backendPort) => {
  const folder = temporaryFolder();
  const port = await freePort();
  const command = await gateways[name].command({ folder, port, backendPort });
  const output = join(folder, 'output.log');
  const log = openSync(output, 'w');
  // One of them writes into the folders of its user.
  const env = {
    ...process.env,
    HOME: folder,
    XDG_STATE_HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
  };
  const child = launchProgram('target', command, { stdio: ['ignore', log, log], env });
  closeSync(log);
  const giveUpAt = Date.now() + 30_000;
  while (!(await isUp(gateways[name], port))) {
    if (child.exitCode !== null || Date.now() > giveUpAt)
      throw new Error(`it did not start: ${readFileSync(output, 'utf8').slice(-600)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { port, pid: child.pid };
};

/**
 * Starts all of them that can be had here.
 *
 * @param {number} backendPort
 * @returns {Promise<{ started: object[], missing: string[] }>} `missing` says which can't be had, and why
 */
export const startOthers = async (backendPort) => {
  const started = [];
  const missing = [];
  for (const [name, { tool, kinds, remark }] of Object.entries(gateways))
    try {
      const version = versions[name];
      started.push({ name, tool, kinds, remark, version, ...(await startOther(name, backendPort)) });
    } catch (error) {
      missing.push(`${name} is left out: ${error.message}`);
    }
  return { started, missing };
};
