import { defineConfig } from 'vite';

/**
 * The console as static files in dist/console: names with hashes, nothing inline (the content security policy of the admin
 * listener allows none), relative addresses, so that a proxy may serve it below a path.
 */
export default defineConfig({
  base: './',
  build: {
    outDir: '../dist/console', // scripts/buildConsole.mjs builds beside it
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
  },
});
