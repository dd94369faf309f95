// Bundles the four processes and the webview into dist/. `tsc -b` checks types, esbuild emits.
// --production: small, without source maps; --out FOLDER: instead of dist; --metafile FILE: what each bundle is made
// of, as JSON.
import { rmSync, writeFileSync } from 'node:fs';
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
  external: ['vscode', 'onnxruntime-node', 'sharp'],
  mainFields: ['module', 'main'],
};

/** A page's script and its styles, which get one name. */
const page = name => ['main.ts', `${name}.css`].map(file => ({ in: `media/${name}/${file}`, out: `media/${name}` }));

const bundles = [
  { ...node, entryPoints: { extension: 'client/src/extension.ts' } },
  { ...node, entryPoints: { server: 'server/src/lsp/main.ts' } },
  { ...node, entryPoints: { 'model-host': 'model-host/src/main.ts' } },
  { ...node, entryPoints: { 'model-thread': 'model-host/src/runtime/threads/main.ts' } },
  { ...node, entryPoints: { cli: 'server/src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  {
    ...common,
    entryPoints: page('viewer'),
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
  {
    ...common,
    entryPoints: page('clipboard'),
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
];

if (watch) {
  for (const options of bundles) await (await esbuild.context({ ...options, logLevel: 'info' })).watch();
} else {
  rmSync(dist, { recursive: true, force: true });
  const results = await Promise.all(bundles.map(options => esbuild.build(options)));
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
