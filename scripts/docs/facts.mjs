// What the generated parts of the documentation are made of: the manifest, its texts, and the tables of the sources.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from '../install.mjs';

/** The tables, and where they lie. */
const tables = {
  './datasets/src/findings/findingCodes': ['findingCodes'],
  './server/src/cli/terminal/options': ['optionTable'],
  './server/src/cli/terminal/verb': ['runOptionNames'],
  './server/src/cli/verbs': ['verbs'],
  './server/src/language/findings/diagnosticCodes': ['diagnosticCodes'],
  './server/src/lsp/imageLinks/linkFindings': ['linkCodes'],
  './server/src/language/syntax/settingKeys': ['settingKeys'],
  './paligemma/src/tasks': ['tasks', 'languages'],
  './paligemma/src/failures': ['failureTable'],
};

/** The exports named in `tables`, with `manifest` (package.json, its texts in place of their keys). */
export async function loadFacts() {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-docs-'));
  const outfile = path.join(folder, 'facts.cjs');
  try {
    await build({
      absWorkingDir: root,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
      external: ['onnxruntime-node', 'sharp', 'libheif-js', '@hyzyla/pdfium', '@rdkit/rdkit'],
      mainFields: ['module', 'main'],
      stdin: {
        resolveDir: root,
        loader: 'ts',
        contents: Object.entries(tables).map(([file, names]) => `export { ${names.join(', ')} } from '${file}';`).join(
          '\n',
        ),
      },
    });
    return { ...createRequire(import.meta.url)(outfile), manifest: readManifest() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readManifest() {
  const texts = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8'));
  return JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
    (_, value) => (typeof value === 'string' && /^%.+%$/.test(value) ? texts[value.slice(1, -1)] : value),
  );
}
