// `npm run bench`: this product and transformers.js on the same random weights, in turn, each in a fresh process.
import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, homedir, loadavg } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { realTokenizerFolder, type VocabularyChecksums } from '../support/gemmaVocabulary';
import { goldenFolder } from '../support/golden';
import { readManifest } from '../../model-host/src/manifest/manifest';
import { hostEnvironment, hostExecArgv } from '../../server/src/host/hostEnvironment';
import type { ConversionFigures } from './convert';
import type { BenchTask, Figures } from './figures';
import type { MachineFigures } from './machine';
import { buildPeerFolder } from './peerFolder';
import { writeRandomCheckpoint } from './randomCheckpoint';
import { quickShape, shape3b } from './shapes';
import { comparisonTable, conversionLine, decodeLine, machineLine } from './table';

const PEER_PACKAGE = '@huggingface/transformers@4.3.1';
const usage =
  `npm run bench -- [--quick] [--layers N] [--rounds N] [--pictures N] [--folder N] [--tokens N] [--no-peer] [--no-conversion] [--rebuild]
  --quick          tiny weights, seconds: only shows that it runs
  --layers N       both towers cut to N layers
  --folder N       pictures with one prompt, for the pictures per minute
  --no-peer        this product alone
  --peer-folder    this product on the folder of transformers.js as well, instead of its own
  --no-conversion  uses the converted folder of an earlier run
  --rebuild        writes the weights anew
  Files lie in PALIGEMMA_BENCH_CACHE, else in ~/.cache/paligemma-bench; the real size takes 20 GB of disk and 10 GB of memory.
  PALIGEMMA_BENCH_PEER names a folder where ${PEER_PACKAGE} is installed already.`;

interface Options {
  readonly isQuick: boolean;
  readonly layers: number;
  readonly rounds: number;
  readonly pictures: number;
  readonly folder: number;
  readonly tokens: number;
  readonly withPeer: boolean;
  readonly isPeerFolder: boolean;
  readonly withConversion: boolean;
  readonly isRebuild: boolean;
}

const cache = process.env['PALIGEMMA_BENCH_CACHE'] ?? path.join(homedir(), '.cache', 'paligemma-bench');
const note = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    note(usage);
    process.exitCode = 2;
    return;
  }
  const shape = options.isQuick ? quickShape : shape3b(options.layers);
  const home = path.join(cache, shape.name);
  const folders = {
    checkpoint: path.join(home, 'checkpoint'),
    ours: path.join(home, 'ours'),
    peer: path.join(home, 'peer'),
  };
  if (options.isRebuild) await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  if (!existsSync(folders.checkpoint)) {
    note(`writing random weights to ${folders.checkpoint}`);
    await writeRandomCheckpoint(folders.checkpoint, shape, await tokenizerFile(options.isQuick));
  }
  const conversion = options.withConversion || (!options.isPeerFolder && !existsSync(folders.ours))
    ? await convert(folders.checkpoint, folders.ours, home)
    : undefined;
  const peerHome = options.withPeer ? await installedPeer() : undefined;
  if ((peerHome !== undefined || options.isPeerFolder) && !existsSync(folders.peer)) {
    note(`building ${folders.peer}`);
    await buildPeerFolder(folders.peer, folders.checkpoint, shape);
  }
  const machine = await child<MachineFigures>('machine', [options.isQuick ? 'quick' : 'full']);
  const [pictures, folder] = await Promise.all([
    writePictures(path.join(home, 'pictures'), options.pictures),
    writePictures(path.join(home, 'folder'), options.folder, options.pictures),
  ]);
  const task = { pictures, folder, prompt: 'caption en', secondPrompt: 'describe en', tokens: options.tokens };
  const measured: { ours: Figures[]; peer: Figures[] } = { ours: [], peer: [] };
  for (let round = 0; round < options.rounds; round++) {
    note(`round ${round + 1} of ${options.rounds}, load ${loadavg()[0]?.toFixed(1) ?? '?'}`);
    measured.ours.push(await run('ours', { ...task, model: options.isPeerFolder ? folders.peer : folders.ours, home }));
    if (peerHome !== undefined) measured.peer.push(await run('peer', { ...task, model: folders.peer, home: peerHome }));
  }
  const { layers, hiddenSize } = shape.text;
  console.log(
    `${shape.name}: ${layers} layers of ${hiddenSize}, ${options.pictures} pictures and a folder of ${options.folder}, ${options.tokens} tokens, ${options.rounds} rounds, ${availableParallelism()} × ${
      cpus()[0]?.model.trim() ?? 'unknown CPU'
    }, load ${loadavg()[0]?.toFixed(1) ?? '?'}`,
  );
  console.log(machineLine(machine));
  if (conversion !== undefined) console.log(conversionLine(conversion));
  console.log(comparisonTable(measured.ours, measured.peer, options.folder));
  if (!options.isPeerFolder) console.log(decodeLine(measured.ours, await decoderBytes(folders.ours), machine));
}

/** All weights but the tower's: a step reads each of them once. */
async function decoderBytes(folder: string): Promise<number> {
  const manifest = await readManifest(folder);
  return (manifest?.files ?? []).filter(({ name }) => /^(decoder|shared).*\.data$/.test(name)).reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
}

function readOptions(words: readonly string[]): Options | undefined {
  const flags = new Set<string>();
  const counts = new Map<string, number>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--peer-folder') flags.add(word);
    else if (['--quick', '--no-peer', '--no-conversion', '--rebuild'].includes(word)) flags.add(word);
    else if (
      ['--layers', '--rounds', '--pictures', '--folder', '--tokens'].includes(word) && Number(words[i + 1]) > 0
    ) counts.set(word, Math.floor(Number(words[++i])));
    else return undefined;
  }
  const isQuick = flags.has('--quick');
  return {
    isQuick,
    isPeerFolder: flags.has('--peer-folder'),
    withPeer: !flags.has('--no-peer'),
    withConversion: !flags.has('--no-conversion') && !flags.has('--peer-folder'),
    isRebuild: flags.has('--rebuild'),
    layers: Math.min(26, counts.get('--layers') ?? 26),
    rounds: counts.get('--rounds') ?? (isQuick ? 1 : 3),
    pictures: counts.get('--pictures') ?? (isQuick ? 2 : 3),
    folder: counts.get('--folder') ?? 4,
    tokens: Math.max(2, counts.get('--tokens') ?? (isQuick ? 4 : 16)),
  };
}

async function tokenizerFile(isQuick: boolean): Promise<string> {
  if (isQuick) return path.join(goldenFolder, 'models/gqa-224/tokenizer.json');
  const checksums = JSON.parse(
    await readFile(path.join(goldenFolder, 'tokenizer/strings.json'), 'utf8'),
  ) as VocabularyChecksums;
  const found = await realTokenizerFolder(checksums);
  if ('reason' in found) throw new Error(`The real vocabulary cannot be had: ${found.reason}`);
  return path.join(found.folder, 'tokenizer.json');
}

/** Folder of the installed package; undefined, with a note, where it cannot be installed. */
async function installedPeer(): Promise<string | undefined> {
  const home = process.env['PALIGEMMA_BENCH_PEER'] ?? path.join(cache, 'peer');
  if (existsSync(path.join(home, 'node_modules/@huggingface/transformers/package.json'))) return home;
  note(`installing ${PEER_PACKAGE} into ${home}`);
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'package.json'), '{"private":true}\n');
  const failure = await new Promise<ExecFileException | null>(resolve => {
    execFile('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', PEER_PACKAGE], {
      cwd: home,
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
      shell: process.platform === 'win32',
    }, error => resolve(error));
  });
  if (failure === null) return home;
  note(`transformers.js is left out: npm install failed (${failure.message.split('\n')[0] ?? ''})`);
  return undefined;
}

/** Photographs of noise and gradients, 640 × 480, all different. */
async function writePictures(folder: string, count: number, from = 0): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(Array.from({ length: count }, async (_, index) => {
    const file = path.join(folder, `${index}.jpg`);
    const pixels = Uint8Array.from(
      { length: 640 * 480 * 3 },
      (_unused, i) => (i * (from + index + 3) * 7 + (i >> 9)) & 255,
    );
    await sharp(pixels, { raw: { width: 640, height: 480, channels: 3 } }).jpeg().toFile(file);
    return file;
  }));
}

function convert(checkpoint: string, out: string, home: string): Promise<ConversionFigures> {
  note(`converting to ${out}`);
  return child<ConversionFigures>('convert', [checkpoint, out, home]);
}

function run(side: 'ours' | 'peer', task: BenchTask): Promise<Figures> {
  return child<Figures>(side, [JSON.stringify(task)]);
}

/** Runs a sibling of this file in a process of its own and parses what it prints. */
function child<T>(name: string, words: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const process_ = execFile(process.execPath, [
      ...(name === 'ours' ? hostExecArgv({}) : []),
      '--enable-source-maps',
      path.join(__dirname, `${name}.js`),
      ...words,
    ], {
      maxBuffer: 2 ** 24,
      env: { ...(name === 'ours' ? hostEnvironment(process.env) : process.env), NODE_NO_WARNINGS: '1' },
    }, (error, stdout) => {
      if (error !== null) return reject(new Error(`the process "${name}" failed: ${error.message}`));
      const last = stdout.trim().split('\n').at(-1) ?? '';
      try {
        resolve(JSON.parse(last) as T);
      } catch {
        reject(new Error(`the process "${name}" printed no figures: ${stdout.slice(0, 500)}`));
      }
    });
    process_.stderr?.pipe(process.stderr);
  });
}

main().catch((error: unknown) => {
  note(error instanceof Error ? error.stack ?? error.message : String(error));
  process.exitCode = 1;
});
