/** The packages that scripts/testing/packages.mjs has made for the tests, and what is in them. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import JSZip from 'jszip';

type PackageVariable =
  | 'PALIGEMMA_TEST_TARGET'
  | 'PALIGEMMA_TEST_VSIX'
  | 'PALIGEMMA_TEST_VSIX_AGAIN'
  | 'PALIGEMMA_TEST_NPM'
  | 'PALIGEMMA_TEST_NPM_AGAIN'
  | 'PALIGEMMA_TEST_VSCE';

/** @throws Error outside of `node scripts/test.mjs package`. */
export function packageFact(name: PackageVariable): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run the package tests with "node scripts/test.mjs package".`);
  }
  return value;
}

/** Content of each entry of a zip file, by its path. */
export async function zipContent(file: string): Promise<ReadonlyMap<string, Buffer>> {
  const { files } = await JSZip.loadAsync(readFileSync(file));
  const entries = Object.values(files).filter(entry => !entry.dir);
  return new Map(await Promise.all(entries.map(async entry => [entry.name, await entry.async('nodebuffer')] as const)));
}

/** Writes the extension's files of a VSIX into a folder, as an editor does. */
export function unpackExtension(content: ReadonlyMap<string, Buffer>, folder: string): void {
  for (const [name, bytes] of content) {
    if (!name.startsWith('extension/')) continue;
    const place = path.join(folder, name.slice('extension/'.length));
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, bytes);
    if (name.endsWith('/cli.js')) chmodSync(place, 0o755);
  }
}

/** One object that `npm run package -- --list` prints. */
export interface ListedPackage {
  readonly target: string;
  readonly unpacked: number;
  readonly maxBytes: { readonly packed: number; readonly unpacked: number };
  /** `file`: where it lies; absent for what is written for the package. */
  readonly entries: readonly { readonly path: string; readonly file?: string }[];
}

/** @returns The packages, or npm's words where it could not fetch what they need. */
export function listPackages(args: readonly string[]): readonly ListedPackage[] | { readonly unreachable: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/package.mjs', '--list', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout.trim().split('\n').map(line => JSON.parse(line) as ListedPackage);
  const reason = isUnreachable(stderr);
  if (reason !== undefined) return { unreachable: reason };
  throw new Error(`npm run package -- --list ${args.join(' ')} ended with code ${status}:\n${stderr}`);
}

/** The line of npm's output that says that there is no registry; undefined where something else is wrong. */
export function isUnreachable(output: string): string | undefined {
  return output.split('\n').find(line =>
    /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/.test(line)
  );
}

/** Relative links of a Markdown text, without their anchors. */
export function relativeLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((
    [, target = ''],
  ) => (/^([a-z][a-z\d+.-]*:|#)/i.test(target) ? [] : [target.replace(/#.*$/, '')]));
}
