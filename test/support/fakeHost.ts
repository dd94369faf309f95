/**
 * A model host without a model: it speaks the protocol and does what the prompt says, so that every way to go wrong can
 * be played. Bundled by {@link buildFakeHost}; started through `PALIGEMMA_HOST_PATH` or `hostPath`.
 *
 * FAKE_HOST_MODE: `wrongProtocol`, `mute` (never answers), `exitAtStart`, `garbage` (prints and sends nonsense first).
 * FAKE_HOST_PORT: connects there and sends its pid on a line; the connection closes when the process has ended.
 *
 * Prompts: `crash`, `crashOn NAME` (for the picture of that name only), `killed`, `slow` (ends when cancelled), `hang`
 * (blocks its thread for good), `stream MS` (a word every so many milliseconds until cancelled), `detach` (closes its
 * channel and lives on), `fail`, `bug`, `gate FILE` (until the file exists), `pid`; everything else is echoed as `echo:
 * PROMPT`. `tokenIds` holds the number of runs that this process has answered. A picture of the name `bug.png` meets a
 * bug wherever it is read.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  type CancellationToken,
} from 'vscode-jsonrpc/node';
import { failureTable, type FailureData, type FailureReason } from '../../paligemma/src/failures';
import * as host from '../../model-host/src/contract/protocol';

const mode = process.env['FAKE_HOST_MODE'] ?? '';
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
let answeredRuns = 0;
let cachePath = '';

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
const port = process.env['FAKE_HOST_PORT'];
if (port !== undefined) {
  const socket = net.connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${process.pid}\n`);
}

if (mode === 'exitAtStart') {
  process.stderr.write("Error: Cannot find module 'onnxruntime-node'\n", () => process.exit(3));
} else {
  if (mode === 'garbage') sendGarbage();
  serve();
}

function sendGarbage(): void {
  process.stdout.write('Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"');
  process.stderr.write('some native library says hello\n');
  for (
    const message of ['text', 17, [], { jsonrpc: '2.0' }, { jsonrpc: '2.0', id: 4711, result: 'nobody asked' }, {
      jsonrpc: '2.0',
      method: 'modelHost/unknown',
    }]
  ) {
    (process.send as (message: unknown) => boolean)(message);
  }
}

function serve(): void {
  connection.onRequest(host.initialize, params => {
    cachePath = params.cachePath;
    if (mode === 'mute') return new Promise<host.InitializeResult>(() => undefined);
    return {
      protocolVersion: mode === 'wrongProtocol' ? host.PROTOCOL_VERSION + 1 : host.PROTOCOL_VERSION,
      pid: process.pid,
    };
  });
  connection.onRequest(host.generate, generate);
  connection.onRequest(host.convert, async ({ outPath, sourcePath, progressToken }) => {
    await connection.sendProgress(host.runProgress, progressToken, {
      kind: 'phase',
      phase: 'convert',
      done: 5,
      total: 10,
    });
    if (existsSync(outPath)) return failure('badArgument', `${outPath} is there already.`);
    await writeFile(outPath, sourcePath);
    return { path: outPath, bytes: 10, elapsedMs: 1 };
  });
  connection.onRequest(host.overlay, async ({ outPath, regions }) => {
    await writeFile(outPath, JSON.stringify(regions));
    return { widthPx: 4, heightPx: 3 };
  });
  connection.onRequest(host.thumbnail, async ({ imagePath, regions = [] }) => {
    if (path.basename(imagePath) === 'bug.png') throw new Error('a bug');
    const bytes = await readFile(imagePath);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = path.join(cachePath, 'thumbnails', sha256.slice(0, 2), `${sha256}-${regions.length}.png`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return { path: file, widthPx: 4, heightPx: 3, sha256 };
  });
  // Every answer has one region, whose mask is no picture.
  connection.onRequest(host.suffixRegions, ({ widthPx, heightPx, decoderFolders }) => [{
    label: String(decoderFolders?.length),
    box: { x1: 0, y1: 0, x2: widthPx, y2: heightPx },
    mask: { width: widthPx, height: heightPx, png: 'fake' },
  }]);
  // A token for each letter.
  connection.onRequest(host.countTokens, ({ texts }) => texts.map(text => text.length));
  connection.onRequest(host.selfTest, () => ({ onnxruntime: '0', sharp: '0', libvips: '0', providers: [] }));
  connection.onRequest(host.usage, () => ({ peakRssBytes: process.memoryUsage.rss() }));
  connection.onRequest(host.shutdown, () => {
    setImmediate(() => process.exit(0));
    return null;
  });
  connection.listen();
}

async function generate(
  params: host.GenerateParams,
  token: CancellationToken,
): Promise<host.GenerateResult | ResponseError<FailureData>> {
  const progress = (value: host.RunProgress) => connection.sendProgress(host.runProgress, params.progressToken, value);
  const [word, argument = ''] = params.prefix.split(' ');
  await progress({ kind: 'phase', phase: 'load', done: 1, total: 2 });
  await progress({ kind: 'text', text: 'so far', tokens: 2 });
  if (path.basename(params.imagePath) === 'bug.png') throw new Error('a bug');
  if (word === 'crashOn' && path.basename(params.imagePath) === argument) process.exit(7);
  switch (word) {
    case 'crash':
      process.stderr.write('Error: the driver gave up\n', () => process.exit(7));
      return new Promise(() => undefined);
    case 'killed':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'hang':
      // The progress above has to leave first: from here on nothing does.
      process.send?.(
        {
          jsonrpc: '2.0',
          method: host.log.method,
          params: { level: 'info', scope: 'host.decode', message: 'blocking' },
        },
        undefined,
        undefined,
        blockForGood,
      );
      return new Promise(() => undefined);
    case 'detach':
      process.removeAllListeners('disconnect');
      setInterval(() => undefined, 1000);
      process.disconnect();
      return new Promise(() => undefined);
    case 'slow':
      await new Promise(resolve => token.onCancellationRequested(resolve));
      return new ResponseError<FailureData>(-32800, 'cancelled', { kind: 'cancelled', reason: 'internal' });
    case 'stream': {
      let text = '';
      const timer = setInterval(() => {
        void progress({ kind: 'text', text: text += ' word', tokens: 1 + text.length / 5 });
      }, Number(argument));
      await new Promise(resolve => token.onCancellationRequested(resolve));
      clearInterval(timer);
      return new ResponseError<FailureData>(-32800, 'cancelled', { kind: 'cancelled', reason: 'internal' });
    }
    case 'fail':
      return failure('promptTooLong', 'The prompt is too long; shorten it.');
    case 'bug':
      throw new Error('a bug');
    case 'gate':
      await untilExists(argument);
      break;
    case undefined:
    default:
  }
  return answer(params, word === 'pid' ? String(process.pid) : `echo: ${params.prefix}`);
}

async function answer({ imagePath, model }: host.GenerateParams, suffix: string): Promise<host.GenerateResult> {
  answeredRuns++;
  const sha256 = createHash('sha256').update(await readFile(imagePath)).digest('hex');
  return {
    image: { widthPx: 4, heightPx: 3, sha256 },
    device: 'endpoints' in model ? 'remote' : model.device === 'auto' ? 'cpu' : model.device,
    suffix,
    text: suffix,
    tokenIds: [answeredRuns],
    tokenProbabilities: [0.5],
    stopReason: 'eos',
    regions: [{ label: 'cup', box: { x1: 0, y1: 1, x2: 2, y2: 3 }, mask: { width: 4, height: 3, png: 'AAAA' } }],
    timings: { loadMs: 1, imageMs: 2, visionMs: 3, prefillMs: 4, decodeMs: 5, tokens: 1 },
  };
}

function blockForGood(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function failure(reason: FailureReason, message: string): ResponseError<FailureData> {
  return new ResponseError<FailureData>(failureTable[reason].code, message, {
    kind: failureTable[reason].kind,
    reason,
  });
}

function untilExists(filePath: string): Promise<void> {
  return new Promise(resolve => {
    const timer = setInterval(() => {
      if (!existsSync(filePath)) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
}
