// Bundles the four processes and the webview into dist/. `tsc -b` checks types, esbuild emits.
// --production: small, without source maps; --out FOLDER: instead of dist; --metafile FILE: what each bundle is made
// of, as JSON.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
/** `vscode` is the editor's own; the native packages cannot be bundled, and RDKit is installed by whoever needs it. */
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  external: ['vscode', 'onnxruntime-node', 'sharp', 'libheif-js', '@hyzyla/pdfium', '@rdkit/rdkit'],
  mainFields: ['module', 'main'],
};

/** What is large and rarely needed lies in a bundle of its own, and is loaded when it is imported there. */
const rarelyNeeded = { latexMarkup: 'client/src/viewer/latexMarkup.ts' };

/** The extension finds such a bundle beside its own. */
const besides = {
  name: 'bundles beside',
  setup({ onResolve }) {
    onResolve(
      { filter: new RegExp(`^\\./(?:${Object.keys(rarelyNeeded).join('|')})$`) },
      ({ path: name, kind }) => kind === 'dynamic-import' ? { path: `${name}.js`, external: true } : undefined,
    );
  },
};

/** A page's script and its styles, which get one name. */
const page = name => ['main.ts', `${name}.css`].map(file => ({ in: `media/${name}/${file}`, out: `media/${name}` }));

const bundles = [
  {
    ...node,
    entryPoints: { extension: 'client/src/extension.ts' },
    plugins: [besides],
    supported: { 'dynamic-import': false },
  },
  { ...node, entryPoints: rarelyNeeded },
  { ...node, entryPoints: { server: 'server/src/lsp/main.ts' } },
  { ...node, entryPoints: { 'model-host': 'model-host/src/main.ts' } },
  { ...node, entryPoints: { 'model-thread': 'model-host/src/runtime/threads/main.ts' } },
  { ...node, entryPoints: { 'molecule-drawing': 'drawings/src/molecules/main.ts' } },
  { ...node, entryPoints: { 'music-engraving': 'drawings/src/music/main.ts' } },
  { ...node, entryPoints: { cli: 'server/src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  ...['viewer', 'clipboard', 'results', 'dataSet'].map(name => ({
    ...common,
    entryPoints: page(name),
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  })),
];

/** Each file takes the place of the one before as a whole: who works on the folder meanwhile never finds it half. */
function put(files) {
  for (const { path: file, contents } of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    const partial = `${file}.partial-${process.pid}`;
    writeFileSync(partial, contents);
    renameSync(partial, file);
  }
}

/** Removes what earlier builds left in the folder. */
function tidy(files) {
  const wanted = new Set(files.map(file => file.path));
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = path.join(dist, name);
    if (!wanted.has(file) && !file.includes('.partial-') && statSync(file, { throwIfNoEntry: false })?.isFile()) {
      rmSync(file, { force: true });
    }
  }
}

if (watch) {
  const contexts = Promise.all(bundles.map(options => esbuild.context({ ...options, logLevel: 'info' })));
  // esbuild writes in a process of its own, which outlives this one for a moment: who started the watch over a channel
  // and closes it finds, once this process has ended, that nothing is written any more.
  process.once('disconnect', async () => {
    for (const context of await contexts) await context.dispose();
    await esbuild.stop();
  });
  for (const context of await contexts) await context.watch();
} else {
  const results = await Promise.all(bundles.map(options => esbuild.build({ ...options, write: false })));
  const files = results.flatMap(({ outputFiles }) => outputFiles);
  put(files);
  tidy(files);
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
