// `npm run package`: makes the VSIX of this platform, those of others, or the npm package, into out/packages.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, root } from './install.mjs';

const usage = `npm run package [-- --target NAME[,NAME…]|all] [--npm] [--out FOLDER] [--list]

  Makes paligemma-<platform>-<version>.vsix for this platform, or for the named ones, in out/packages.
    --target  linux-x64, linux-arm64, darwin-arm64, win32-x64, win32-arm64; native files are fetched from their npm packages
    --npm     the npm package paligemma-<version>.tgz, with the command "paligemma"
    --out     another folder
    --list    prints what the packages would hold as JSON, one package a line, and writes none`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run package: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const words = readWords();
  if (words === undefined) return 2;
  ensureInstalled();
  // Only now: these modules import packages.
  const [{ extensionContent, npmContent, contentOf }, { unfilled }, { npmMaxBytes, targetNamed }] = await Promise.all([
    import('./packaging/contents.mjs'),
    import('./packaging/publishing.mjs'),
    import('./packaging/targets.mjs'),
  ]);
  for (const sentence of unfilled(readManifest())) console.error(`Note: ${sentence}`);
  const names = await namesOf(words);
  for (const name of names) targetNamed(name);
  const build = buildBundles();
  try {
    const kinds = [
      ...names.map(target => ({
        target,
        maxBytes: targetNamed(target).maxBytes,
        read: () => extensionContent(target, build),
      })),
      ...(words.npm ? [{ maxBytes: npmMaxBytes, read: () => npmContent(build) }] : []),
    ];
    for (const { target, maxBytes, read } of kinds) {
      const entries = read();
      const unpacked = entries.reduce((sum, entry) => sum + contentOf(entry).length, 0);
      if (words.list) {
        console.log(
          JSON.stringify({
            target: target ?? 'npm',
            unpacked,
            maxBytes,
            entries: entries.map(({ path: place, file }) => ({ path: place, ...(file === undefined ? {} : { file }) })),
          }),
        );
      } else await write(target, entries, { unpacked, maxBytes, folder: words.out });
    }
  } finally {
    rmSync(build.folder, { recursive: true, force: true });
  }
  return 0;
}

/** @returns The options, or undefined where they cannot be understood; help ends the process. */
function readWords() {
  try {
    const { values } = parseArgs({
      options: {
        target: { type: 'string' },
        npm: { type: 'boolean' },
        out: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      console.error(usage);
      process.exit(0);
    }
    return {
      target: values.target,
      npm: values.npm === true,
      list: values.list === true,
      out: path.resolve(root, values.out ?? 'out/packages'),
    };
  } catch (error) {
    console.error(`npm run package: ${error.message}\n${usage}`);
    return undefined;
  }
}

async function namesOf({ target, npm }) {
  if (target === undefined) return npm ? [] : [`${process.platform}-${process.arch}`];
  const { targets } = await import('./packaging/targets.mjs');
  return target === 'all'
    ? Object.keys(targets)
    : target.split(',').map(name => name.trim()).filter(name => name !== '');
}

function readManifest() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
}

/** Production bundles in a folder of their own: dist/ stays as it is. */
function buildBundles() {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-package-'));
  const dist = path.join(folder, 'dist');
  const metafile = path.join(folder, 'metafile.json');
  const { status } = spawnSync(process.execPath, [
    path.join(root, 'scripts/build.mjs'),
    '--production',
    '--out',
    dist,
    '--metafile',
    metafile,
  ], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the build failed: its own words are above.');
  return { folder, dist, metafile: JSON.parse(readFileSync(metafile, 'utf8')) };
}

/** @throws Error with the numbers, where the package is larger than its bound; it is not left behind then. */
async function write(target, entries, { unpacked, maxBytes, folder }) {
  const [{ writeVsix }, { writeNpmPackage }, { checkSize }] = await Promise.all([
    import('./packaging/vsix.mjs'),
    import('./packaging/npmPackage.mjs'),
    import('./packaging/targets.mjs'),
  ]);
  mkdirSync(folder, { recursive: true });
  const { name, version } = readManifest();
  const vsix = path.join(folder, `${name}-${target}-${version}.vsix`);
  if (target !== undefined) await writeVsix(vsix, entries, target, commitTime());
  const file = target === undefined ? writeNpmPackage(folder, entries) : vsix;
  const packed = statSync(file).size;
  try {
    checkSize(path.basename(file), { packed, unpacked }, maxBytes);
  } catch (error) {
    rmSync(file);
    throw error;
  }
  console.log(
    `${path.relative(process.cwd(), file)}  ${megabytes(packed)} MB, ${
      megabytes(unpacked)
    } MB unpacked, ${entries.length} files`,
  );
}

/**
 * One time for every file, so that the same commit gives the same package. Source: reproducible-builds.org,
 * SOURCE_DATE_EPOCH.
 */
function commitTime() {
  const given = process.env.SOURCE_DATE_EPOCH;
  const { stdout } = given === undefined && existsSync(path.join(root, '.git'))
    ? spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' })
    : { stdout: given };
  const seconds = Number(stdout);
  // 1980: the first year that a zip file knows.
  return new Date(Number.isSafeInteger(seconds) && seconds >= 315_532_800 ? seconds * 1000 : Date.UTC(1980, 0, 1));
}

function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(1);
}
