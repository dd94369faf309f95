// What a package holds: an allow-list of the checkout's own files, of the bundles, and of the packages that cannot be
// bundled.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { packageFolders } from './nativePackages.mjs';
import { bundledPackages, noticesOf } from './notices.mjs';
import { publishingOf } from './publishing.mjs';
import { linkedOnline, linkedWithin } from './readme.mjs';
import { carriedPackages, copiedPackages, installOnlyPackages, targetNamed } from './targets.mjs';

/** Kinds of files that a package may hold of the checkout; anything else in a listed folder is an error. */
const ownKinds = /(?:\.(?:css|jpg|js|json|jsonl|md|paligemma|png|py|safetensors|svg|txt)|(?:^|\/)LICENSE)$/;
/** A VSIX knows the type of a file by its ending. */
const renamed = { LICENSE: 'LICENSE.txt' };
/** The terminal needs no editor's files. */
const terminalBundles = ['dist/cli.js', 'dist/model-host.js', 'dist/model-thread.js'];
const editorOnly = /^(?:syntaxes|media\/walkthrough|media\/icons)\/|^package\.nls/;

/** What a person reads; the samples' own pages are examples, whose links are meant for another place. */
const documents = /^docs\/.*\.md$|^model-host\/.*\.md$/;
/** What the package's page in an editor, in the Marketplace or at npm shows. */
const pageDocuments = ['README.md', 'CHANGELOG.md'];
/** The page of the extension: for people who have it, not a checkout. It stands in the place of the checkout's README. */
const extensionPage = 'media/page/README.md';

/**
 * One file of a package. `path`: within the package, with slashes; `file`: where it lies, absolute; `text`: what it
 * holds, where it is written for the package.
 * @typedef {{ path: string, file?: string, text?: string }} Entry
 */

/**
 * @param {string} target
 * @param {{ dist: string, metafile: object }} build `dist`: absolute folder of the production bundles.
 * @returns {Entry[]} Sorted by path.
 */
export function extensionContent(target, build) {
  const folderOf = packageFolders(target);
  const copied = copiedPackages(target).map(({ name, keep }) => ({ name, folder: folderOf(name), keep }));
  const notices = noticesOf(bundledPackages(build.metafile), copied.map(({ folder }) => folder), {
    hasWindowsLibraries: targetNamed(target).os === 'win32',
  });
  const manifest = publishedManifest();
  for (
    const key of [
      'scripts',
      'devDependencies',
      'peerDependencies',
      'peerDependenciesMeta',
      'overrides',
      'files',
      'private',
      'bin',
    ]
  ) delete manifest[key];
  const own = ownFiles().filter(entry => entry.path !== 'README.md').map(entry => ({
    ...entry,
    path: renamed[entry.path] ?? entry.path,
  }));
  const page = readFileSync(path.join(root, extensionPage), 'utf8');
  return finished([
    ...own,
    { path: 'README.md', text: linkedOnline(page, extensionPage, publishingOf(readManifest())) },
    ...distFiles(build.dist),
    ...copied.flatMap(shippedFiles),
    { path: 'package.json', text: json(manifest) },
    { path: 'THIRD-PARTY-NOTICES.txt', text: notices },
  ]);
}

/** @returns {Entry[]} The npm package, for every platform: npm brings sharp, it carries the runtime itself. */
export function npmContent(build) {
  const isShipped = output => terminalBundles.some(bundle => output.endsWith(bundle));
  const carried = carriedPackages().map(({ name, keep }) => ({
    name,
    folder: path.join(root, 'node_modules', name),
    keep,
  }));
  const notices = noticesOf(bundledPackages(build.metafile, isShipped), carried.map(({ folder }) => folder), {
    hasWindowsLibraries: true,
  });
  const { name, version, description, license, keywords, engines, bin, dependencies, homepage, repository, bugs } =
    publishedManifest();
  const manifest = {
    name,
    version,
    description,
    keywords,
    license,
    homepage,
    repository,
    bugs,
    engines: { node: engines.node },
    bin,
    dependencies,
    bundleDependencies: carried.map(({ name }) => name).filter(name => Object.hasOwn(dependencies, name)),
  };
  return finished([
    ...ownFiles().filter(entry => !editorOnly.test(entry.path)),
    ...distFiles(build.dist).filter(entry => terminalBundles.includes(entry.path)),
    ...carried.flatMap(shippedFiles).map(withoutInstallation),
    { path: 'package.json', text: json(manifest) },
    { path: 'THIRD-PARTY-NOTICES.txt', text: notices },
  ]);
}

/** Bytes of an entry. @param {Entry} entry */
export function contentOf(entry) {
  return entry.text === undefined ? readFileSync(entry.file) : Buffer.from(entry.text, 'utf8');
}

function readManifest() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
}

/** With the addresses that follow from the repository's. */
function publishedManifest() {
  const manifest = readManifest();
  const { bugs, homepage } = publishingOf(manifest);
  return {
    ...manifest,
    ...(bugs === undefined ? {} : { bugs: { url: bugs } }),
    ...(homepage === undefined ? {} : { homepage }),
  };
}

/** What the manifest names as its files, less the bundles, with every translation of the manifest's texts. */
function ownFiles() {
  const translated = /^package\.nls(\.[\w-]+)?\.json$/;
  const named = readManifest().files.filter(name => name !== 'dist' && !translated.test(name));
  const entries = [...named, ...readdirSync(root).filter(name => translated.test(name))].flatMap(name =>
    filesIn(path.join(root, name), name)
  );
  const strange = entries.find(entry => !ownKinds.test(entry.path));
  if (strange !== undefined) {
    throw new Error(
      `${strange.path} is of a kind that no package holds: it does not belong there, or scripts/packaging/contents.mjs must know it.`,
    );
  }
  return entries;
}

function distFiles(dist) {
  return filesIn(dist, 'dist').filter(entry => /\.(js|css)$/.test(entry.path));
}

/** @throws Error where a pattern of the allow-list matches nothing. */
function shippedFiles({ name, folder, keep }) {
  const files = filesIn(folder, '');
  return keep.flatMap(pattern => {
    const found = files.filter(
      entry => (typeof pattern === 'string' ? entry.path === pattern : pattern.test(entry.path)),
    );
    if (found.length === 0) {
      throw new Error(
        `${name} has no file ${pattern}: look at its new layout, and change scripts/packaging/targets.mjs.`,
      );
    }
    return found.map(entry => ({ ...entry, path: `node_modules/${name}/${entry.path}` }));
  });
}

/** The manifest of a carried package without what only its installation needs, or any other entry as it is. */
function withoutInstallation(entry) {
  const name = /^node_modules\/(.+)\/package\.json$/.exec(entry.path)?.[1];
  const manifest = name === undefined ? undefined : JSON.parse(readFileSync(entry.file, 'utf8'));
  // A package.json further down tells kinds of modules only.
  if (manifest?.name !== name || name === undefined) return entry;
  for (const key of ['scripts', 'devDependencies']) delete manifest[key];
  for (const dependency of installOnlyPackages[name] ?? []) delete manifest.dependencies[dependency];
  return { path: entry.path, text: json(manifest) };
}

/** Every file below a place, or the file itself. */
function filesIn(place, prefix) {
  if (!existsSync(place)) throw new Error(`${place} is missing.`);
  if (statSync(place).isFile()) return [{ path: prefix, file: place }];
  return readdirSync(place, { withFileTypes: true }).flatMap(child => {
    const childPath = prefix === '' ? child.name : `${prefix}/${child.name}`;
    if (child.isDirectory()) {
      return child.name === 'node_modules' || child.name === '__pycache__'
        ? []
        : filesIn(path.join(place, child.name), childPath);
    }
    return [{ path: childPath, file: path.join(place, child.name) }];
  });
}

/** Sorted, and with documents whose links all lead somewhere. */
function finished(entries) {
  const paths = new Set(entries.map(entry => entry.path));
  const names = paths.has('LICENSE') ? {} : renamed;
  const addresses = publishingOf(readManifest());
  const shipped = entry => {
    if (entry.file === undefined) return entry;
    const read = () => readFileSync(entry.file, 'utf8');
    if (pageDocuments.includes(entry.path)) {
      return { path: entry.path, text: linkedOnline(read(), entry.path, addresses) };
    }
    if (documents.test(entry.path)) {
      return { path: entry.path, text: linkedWithin(read(), entry.path, paths, names) };
    }
    return entry;
  };
  return entries.map(shipped).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function json(value) {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
