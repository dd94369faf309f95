import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { readSetLine, type SetLine } from '../../../../datasets/src/lines/setLine';
import type { SuffixRegionsParams } from '../../../../model-host/src/contract/protocol';
import type { Region } from '../../../../paligemma/src/facts';
import { Failure } from '../../../../paligemma/src/failures';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import type { HostAccess } from '../../../../server/src/host/hostAccess';
import type { HostClient } from '../../../../server/src/host/hostClient';
import { LineMasks } from '../../../../server/src/lsp/dataSets/lineMasks';

const codes = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');
const box = '<loc0000><loc0000><loc0512><loc0512>';
const token = CancellationToken.None;
const size = { widthPx: 4096, heightPx: 1024 };

/** Decodes every mask, or none. */
function masks(decode: 'all' | 'none' | Failure) {
  const asked: SuffixRegionsParams[] = [];
  const suffixRegions = (params: SuffixRegionsParams): Promise<readonly Region[]> => {
    asked.push(params);
    if (decode instanceof Failure) return Promise.reject(decode);
    return Promise.resolve(
      parseSuffix(params.suffix).boxes.map(({ label, codes: has }): Region => ({
        label,
        box: { x1: 0, y1: 0, x2: 1, y2: 1 },
        ...(has === undefined || decode === 'none'
          ? {}
          : { mask: { width: params.widthPx, height: params.heightPx, png: label } }),
      })),
    );
  };
  const client: Pick<HostClient, 'suffixRegions'> = { suffixRegions };
  const host: HostAccess = { use: work => work(client as HostClient), killStuck: () => undefined };
  const own = path.resolve('models/own');
  const line = new LineMasks({
    host,
    catalog: { choose: () => Promise.resolve({ path: own } as never) },
    cachePath: path.resolve('cache'),
    model: () => '',
  });
  return { line, asked, folders: [own, path.dirname(own), path.resolve('cache/models')] };
}

function lineOf(suffix: string): SetLine {
  const read = readSetLine(JSON.stringify({ image: 'a.png', prefix: 'segment cup', suffix }));
  assert.ok('form' in read);
  return read;
}

test('shapes are asked for in a smaller copy of the picture, with the decoder of the models’ folders', async () => {
  const { line, asked, folders } = masks('all');
  const suffix = `${box} plate ; ${box}${codes} cup`;
  assert.deepEqual(await line.shapes({ suffix, ...size, maxSidePx: 448 }, token), {
    widthPx: 448,
    heightPx: 112,
    masks: [{ region: 1, png: 'cup' }],
  });
  assert.deepEqual(asked[0]?.decoderFolders, folders);
  const { widthPx } = await line.shapes({ suffix, widthPx: 1e9, heightPx: 1, maxSidePx: 1e9 }, token);
  assert.equal(widthPx, 2048, 'whoever asks for more');
});

test('why there is no shape is a sentence: no decoder, or what went wrong', async () => {
  const wish = { suffix: `${box}${codes} cup`, ...size, maxSidePx: 448 };
  assert.match((await masks('none').line.shapes(wish, token)).problem ?? '', /no mask decoder/);
  const failure = new Failure('untrusted', 'This workspace is not trusted.');
  const { masks: none, problem } = await masks(failure).line.shapes(wish, token);
  assert.deepEqual([none, problem], [[], 'This workspace is not trusted.']);
});

test('of many masks the first are decoded, and all boxes are drawn', async () => {
  const suffix = Array.from({ length: 40 }, (_, at) => `${box}${codes} cup ${at}`).join(' ; ');
  const { line, asked } = masks('all');
  const shapes = await line.shapes({ suffix, ...size, maxSidePx: 448 }, token);
  assert.equal(shapes.masks.length, 32);
  assert.match(shapes.problem ?? '', /first 32 masks/);
  const regions = await line.regionsOf(lineOf(suffix), 1024, token)(size);
  assert.deepEqual([regions.length, regions.filter(({ mask }) => mask !== undefined).length], [40, 32]);
  assert.equal(asked.length, 2);
});

test('a line without codes asks nobody, and boxes are drawn where masks cannot be', async () => {
  const { line, asked } = masks(new Failure('weightsCorrupt', 'broken'));
  assert.equal((await line.regionsOf(lineOf(`${box} cup`), 1024, token)(size)).length, 1);
  assert.deepEqual(asked, []);
  const [region] = await line.regionsOf(lineOf(`${box}${codes} cup`), 1024, token)(size);
  assert.deepEqual(region, { label: 'cup', box: { x1: 0, y1: 0, x2: 2048, y2: 512 } });
  const huge = { widthPx: 1 << 14, heightPx: 1 << 13 };
  assert.equal((await line.regionsOf(lineOf(`${box}${codes} cup`), 1024, token)(huge)).length, 1);
  assert.equal(asked.length, 1, 'no mask of so many pixels');
});
