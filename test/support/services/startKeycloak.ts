import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freePorts } from './freePorts.js';
import { keycloakServer } from './keycloakServer.js';
import { serviceProcess } from './serviceProcess.js';

export interface KeycloakOptions {
  /** Files of realms to begin with. */
  readonly realms: readonly string[];
  /** Words that stand for `${NAME}` in them. */
  readonly words?: Readonly<Record<string, string>>;
}

/** A real Keycloak on loopback, with its data in memory. */
export interface Keycloak {
  readonly url: string;
  readonly pid: number;
  /** Who may do everything, in the console and by `admin`. */
  readonly administrator: { readonly username: string; readonly password: string };
  /** What a realm's tokens name as their issuer. */
  issuer(realm: string): string;
  /**
   * Asks its administration interface.
   *
   * @param path beneath `/admin/realms/`
   * @returns the answer's body, undefined where there is none
   */
  admin(method: 'DELETE' | 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const administrator = { username: 'admin', password: 'admin' } as const;

/** Fetches and builds Keycloak if it is not here yet, starts it and waits until its realms are there. */
export const startKeycloak = async ({ realms, words = {} }: KeycloakOptions): Promise<Keycloak> => {
  const { folder, command } = await keycloakServer();
  const home = await mkdtemp(join(tmpdir(), 'sluice-keycloak-'));
  const imports = join(home, 'data', 'import');
  await mkdir(imports, { recursive: true });
  for (const part of ['lib', 'conf', 'providers', 'themes'])
    await symlink(join(folder, part), join(home, part));
  for (const realm of realms) await copyFile(realm, join(imports, basename(realm)));
  const [port = 0, managementPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const server = await serviceProcess({
    name: 'Keycloak',
    program: 'java',
    args: command(
      home,
      'start',
      '--optimized',
      '--import-realm',
      '--cache=local',
      '--http-enabled=true',
      '--hostname-strict=false',
      '--http-host=127.0.0.1',
      `--http-port=${port}`,
      `--http-management-port=${managementPort}`,
    ),
    env: {
      ...words,
      KC_BOOTSTRAP_ADMIN_USERNAME: administrator.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
    },
    logFile: join(home, 'keycloak.log'),
    isReady: () =>
      fetch(`http://127.0.0.1:${managementPort}/health/ready`).then(
        ({ ok }) => ok,
        () => false, // Not listening yet.
      ),
    readyMs: 120_000,
  });
  const issuer = (realm: string): string => `${url}/realms/${realm}`;
  return {
    url,
    pid: server.pid,
    administrator,
    issuer,
    async admin(method, path, body) {
      // Its tokens live for a minute: each request has its own.
      const granted = await fetch(`${issuer('master')}/protocol/openid-connect/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...administrator }),
      });
      const { access_token: token } = (await granted.json()) as { readonly access_token?: string };
      const response = await fetch(`${url}/admin/realms/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`Keycloak: ${method} ${path}: ${response.status} ${answer}`);
      return answer === '' ? undefined : (JSON.parse(answer) as unknown);
    },
    async close() {
      await server.signal('SIGTERM');
      await rm(home, { recursive: true, force: true });
    },
  };
};
