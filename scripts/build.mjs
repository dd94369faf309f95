// Bundles the four processes and the webview into dist/. `tsc -b` checks types, esbuild emits.
// --production: small, without source maps; --out FOLDER: instead of dist; --metafile FILE: what each bundle is made
// of, as JSON.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values: { watch = false, production = false, out = 'dist', metafile } } = parseArgs({
  options: {
    watch: { type: 'boolean' },
    production: { type: 'boolean' },
    out: { type: 'string' },
    metafile: { type: 'string' },
  },
});
const dist = path.resolve(root, out);

const common = {
  absWorkingDir: root,
  bundle: true,
  outdir: dist,
  metafile: metafile !== undefined,
  logLevel: 'warning',
  legalComments: 'none',
  sourcemap: !production,
  minify: production,
  target: 'node20',
};
/** `vscode` is the editor's own; the native packages cannot be bundled. */
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  external: ['vscode', 'onnxruntime-node', 'sharp', 'libheif-js'],
  mainFields: ['module', 'main'],
};

const bundles = [
  { ...node, entryPoints: { extension: 'client/src/extension.ts' } },
  { ...node, entryPoints: { server: 'server/src/main.ts' } },
  { ...node, entryPoints: { 'model-host': 'model-host/src/main.ts' } },
  { ...node, entryPoints: { 'model-thread': 'model-host/src/runtime/threads/main.ts' } },
  { ...node, entryPoints: { cli: 'server/src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  {
    ...common,
    entryPoints: { 'media/viewer': 'media/viewer/main.ts' },
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
  {
    ...common,
    entryPoints: { 'media/clipboard': 'media/clipboard/main.ts' },
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
];

/** Files that a bundle reads by path and esbuild does not see. */
function copyAssets() {
  mkdirSync(path.join(dist, 'media'), { recursive: true });
  cpSync(path.join(root, 'media/viewer/viewer.css'), path.join(dist, 'media/viewer.css'));
  cpSync(path.join(root, 'media/clipboard/clipboard.css'), path.join(dist, 'media/clipboard.css'));
}

if (watch) {
  copyAssets();
  for (const options of bundles) await (await esbuild.context({ ...options, logLevel: 'info' })).watch();
} else {
  rmSync(dist, { recursive: true, force: true });
  const results = await Promise.all(bundles.map(options => esbuild.build(options)));
  copyAssets();
  if (metafile !== undefined) {
    writeFileSync(
      metafile,
      JSON.stringify({
        outputs: Object.assign(
          {},
          ...results.map(result => result.metafile.outputs),
        ),
      }),
    );
  }
}
