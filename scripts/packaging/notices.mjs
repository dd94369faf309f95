// THIRD-PARTY-NOTICES.txt: every package whose code is shipped, bundled or copied, with its licence.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../install.mjs';

const texts = path.join(path.dirname(fileURLToPath(import.meta.url)), 'licences');
/** Licences that let the code be shipped with code under Apache-2.0, as SPDX names them. */
const allowed = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD'];
/**
 * libvips and libheif are libraries of their own that can be exchanged, which is what the LGPL asks for; bundled code
 * could not be.
 */
const allowedAsLibrary = [...allowed, 'LGPL-3.0-or-later', 'LGPL-3.0'];
const isLibraryPackage = name => name.startsWith('@img/sharp-') || name === 'libheif-js';
const rule = '='.repeat(100);

/**
 * The packages whose files esbuild has put into the given bundles.
 * @param {{ outputs: Record<string, { inputs: Record<string, unknown> }> }} metafile
 * @param {(output: string) => boolean} isShipped
 * @returns {string[]} Absolute folders, sorted.
 */
export function bundledPackages(metafile, isShipped = () => true) {
  const inputs = Object.entries(metafile.outputs).filter(([output]) => isShipped(output)).flatMap(([, { inputs }]) =>
    Object.keys(inputs)
  );
  const folders = inputs.map(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(folder =>
    folder !== undefined
  );
  return [...new Set(folders)].sort().map(folder => path.resolve(root, folder));
}

/**
 * @param {readonly string[]} bundled Absolute folders of packages.
 * @param {readonly string[]} copied The same; these lie in node_modules of the package.
 * @param {{ hasWindowsLibraries?: boolean }} options
 * @throws Error for a licence that is not allowed, and for a package without a text of its licence.
 */
export function noticesOf(bundled, copied, { hasWindowsLibraries = false } = {}) {
  const entries = [
    ...bundled.map(folder => readPackage(folder, false)),
    ...copied.map(folder => readPackage(folder, true)),
  ];
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const unique = entries.filter((entry, index) =>
    index === 0 || entry.name !== entries[index - 1].name || entry.version !== entries[index - 1].version
  );
  const runtime = unique.find(({ name }) => name === 'onnxruntime-node');
  const sections = [
    'PaliGemma 2 for VS Code is licensed under the Apache License 2.0. It holds software of others, whose licences follow.\n\n'
    + unique.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`).join('\n'),
    ...unique.map(({ name, version, licence, homepage, text }) =>
      `${name} ${version}\n${licence}${homepage === undefined ? '' : `\n${homepage}`}\n\n${text}`
    ),
    ...(runtime === undefined
      ? []
      : [
        `Notices of onnxruntime ${runtime.version}, for what its native library holds\n\n${
          ownText(`onnxruntime-${runtime.version}-third-party.txt`)
        }`,
      ]),
    ...(hasWindowsLibraries ? [ownText('windows-libraries.txt')] : []),
    ...(unique.some(({ licence }) => licence.includes('LGPL'))
      ? ['LGPL-3.0', 'GPL-3.0', 'MPL-1.1'].map(name => ownText(`${name}.txt`))
      : []),
  ];
  return `${sections.map(section => section.trim()).join(`\n\n${rule}\n\n`)}\n`;
}

function readPackage(folder, isCopied) {
  const { name, version, license: licence, homepage, repository } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const isLibrary = isCopied && isLibraryPackage(name);
  if (typeof licence !== 'string' || !isAllowed(licence, isLibrary ? allowedAsLibrary : allowed)) {
    throw new Error(
      `${name} ${version} is under the licence ${
        licence ?? '(none)'
      }, which is not on the list in scripts/packaging/notices.mjs: look at it before it is shipped.`,
    );
  }
  return {
    name,
    version,
    licence,
    homepage: homepage ?? (typeof repository === 'string' ? repository : repository?.url),
    text: licenceText(folder, name, version),
  };
}

/**
 * Whether an SPDX expression of names joined by AND or by OR is satisfied by the list; one that mixes both is not read.
 */
export function isAllowed(expression, list = allowed) {
  const flat = expression.replace(/^\((.*)\)$/, '$1');
  const isListed = name => list.includes(name.trim());
  if (flat.includes(' OR ')) return flat.split(' OR ').some(isListed);
  return flat.split(' AND ').every(isListed);
}

/**
 * The package's own file; the packages of onnxruntime and `@vscode/l10n` have none, those of libvips tell in their README what they
 * hold, and that of PDFium tells nothing of it.
 */
function licenceText(folder, name, version) {
  if (name.startsWith('onnxruntime-')) return ownText(`onnxruntime-${version}.txt`);
  if (name === '@vscode/l10n') return ownText('vscode-l10n.txt');
  const files = readdirSync(folder);
  const own = files.filter(file => /^licen[cs]e(\.(md|txt))?$/i.test(file));
  const isBinary = name.startsWith('@img/sharp-') && files.includes('README.md') && files.includes('versions.json');
  const versions = isBinary ? JSON.parse(readFileSync(path.join(folder, 'versions.json'), 'utf8')) : {};
  const parts = [
    ...(isBinary
      ? [
        readFileSync(path.join(folder, 'README.md'), 'utf8'),
        `Versions: ${Object.entries(versions).map(pair => pair.join(' ')).join(', ')}`,
      ]
      : []),
    ...own.map(file => readFileSync(path.join(folder, file), 'utf8')),
    // Its own text is that of the wrapper.
    ...(name === '@hyzyla/pdfium' ? [ownText('pdfium.txt')] : []),
  ];
  if (parts.length === 0) {
    throw new Error(
      `${name} ${version} brings no text of its licence: add one to scripts/packaging/licences and name it in scripts/packaging/notices.mjs.`,
    );
  }
  return parts.map(part => part.replaceAll('\r\n', '\n').trim()).join('\n\n');
}

function ownText(file) {
  const place = path.join(texts, file);
  if (!existsSync(place)) {
    throw new Error(
      `scripts/packaging/licences/${file} is missing: onnxruntime brings its notices in its Python package, and each version needs its own.`,
    );
  }
  return readFileSync(place, 'utf8');
}
