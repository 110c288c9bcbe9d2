/** What a program needs to find its tools, its user's home and its language; never a secret. */
const inherited =
  process.platform === 'win32'
    ? 'APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PATHEXT PROCESSOR_ARCHITECTURE PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE'
    : 'HOME LANG LOGNAME PATH SHELL TERM TMPDIR TZ USER XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME';
const names = new Set(inherited.split(' '));

/**
 * The environment of a child: a minimal part of the gateway's own, which holds the credentials of everything behind it, and
 * what the configuration adds.
 */
export const safeEnvironment = (
  own: Readonly<Record<string, string>>,
  gateway: NodeJS.ProcessEnv = process.env,
): Record<string, string> => {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(gateway)) {
    const known = names.has(name.toUpperCase()) || name.startsWith('LC_');
    // A shell function exported into the environment is code (Shellshock).
    if (known && value !== undefined && !value.startsWith('()')) environment[name] = value;
  }
  return { ...environment, ...own };
};
