import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { blocksOf4, rowsOf8 } from '../../../model-host/src/convert/kernels';
import { GraphBuilder, type Value } from '../../../model-host/src/graph/graphBuilder';
import {
  gatherRows,
  linear,
  slicedLinear,
  type BlockMatrix,
  type RowMatrix,
} from '../../../model-host/src/graph/weights';
import { readOnnxFile } from '../../../model-host/src/onnxFolder/onnxFile';
import { FileBytes } from '../../../model-host/src/onnxFolder/protobufReader';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('graph-weights');
const rows = 40;
const columns = 96;
const blockSize = 64;
const weights = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7));
const stored = blocksOf4(weights, rows, columns, blockSize);
writeFileSync(path.join(folder, 'data'), stored.data);
writeFileSync(path.join(folder, 'scales'), new Uint8Array(stored.scales.buffer));
const matrix: BlockMatrix = {
  type: 'blocks',
  bits: 4,
  rows,
  columns,
  blockSize,
  data: { location: 'data', offset: 0, length: stored.data.byteLength },
  scales: { location: 'scales', offset: 0, length: stored.scales.byteLength },
};

async function run(name: string, build: (graph: GraphBuilder, x: Value) => Value, x: Tensor): Promise<Float32Array> {
  const graph = new GraphBuilder(name);
  const input = graph.input('x', x.type === 'int64' ? 'int64' : 'float32', x.dims);
  graph.output('y', build(graph, input), 'float32', ['rows', 'columns']);
  const file = path.join(folder, `${name}.onnx`);
  writeFileSync(file, graph.model());
  const session = await InferenceSession.create(file);
  const values = (await session.run({ x }))['y']?.data as Float32Array;
  await session.release();
  return values;
}

const x = new Tensor('float32', Float32Array.from({ length: 2 * columns }, (_, i) => Math.cos(i)), [2, columns]);

test('a matrix in slices gives the very numbers of the whole one', async () => {
  const whole = await run('whole', (graph, input) => linear(graph, '/whole', input, matrix), x);
  assert.ok(whole.some(value => Math.abs(value) > 0.1));
  for (const cuts of [[0, 40], [0, 16, 40], [0, 16, 32, 40]]) {
    assert.deepEqual(
      await run(`cut-${cuts.length}`, (graph, input) => slicedLinear(graph, '/cut', input, matrix, cuts), x),
      whole,
      cuts.join(),
    );
  }
});

test('rows by index are the stored weights, without the padding of their last block', async () => {
  const ids = new Tensor('int64', BigInt64Array.of(39n, 0n), [2]);
  const gathered = await run('gather', (graph, input) => gatherRows(graph, '/gather', input, matrix), ids);
  assert.equal(gathered.length, 2 * columns);
  [39, 0].forEach((row, index) => {
    for (let column = 0; column < columns; column++) {
      const scale = Math.abs(stored.scales[row * 2 + (column >> 6)] ?? NaN);
      assert.ok(
        Math.abs((gathered[index * columns + column] ?? NaN) - (weights[row * columns + column] ?? NaN))
          <= scale * 1.01,
        `row ${row}, column ${column}`,
      );
    }
  });
});

test('a matrix of 8-bit rows is multiplied as float32, bias included, and widened right before it is needed', async () => {
  const { data, scales } = rowsOf8(weights, rows, columns);
  writeFileSync(path.join(folder, 'row-data'), data);
  writeFileSync(path.join(folder, 'row-scales'), new Uint8Array(scales.buffer));
  const byRows: RowMatrix = {
    type: 'rows',
    rows,
    columns,
    data: { location: 'row-data', offset: 0, length: data.byteLength },
    scales: { location: 'row-scales', offset: 0, length: scales.byteLength },
  };
  const bias = Float32Array.from({ length: rows }, (_, row) => row / 10);
  writeFileSync(path.join(folder, 'bias'), new Uint8Array(bias.buffer));
  const product = await run(
    'rows',
    (graph, input) =>
      linear(graph, '/rows', input, byRows, {
        length: rows,
        data: { location: 'bias', offset: 0, length: bias.byteLength },
      }),
    x,
  );
  const signed = new Int8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let token = 0; token < 2; token++) {
    for (let row = 0; row < rows; row++) {
      let sum = bias[row]!;
      for (let column = 0; column < columns; column++) {
        sum += signed[row * columns + column]! * scales[row]! * x.data[token * columns + column]!;
      }
      assert.ok(Math.abs(sum - product[token * rows + row]!) <= 1e-4, `token ${token}, row ${row}`);
    }
  }
  const graph = new GraphBuilder('order');
  const negative = graph.node('Neg', '/negative', [graph.input('x', 'float32', [2, columns])]);
  graph.output('y', linear(graph, '/rows', negative, byRows), 'float32', [2, rows]);
  const file = path.join(folder, 'order.onnx');
  writeFileSync(file, graph.model());
  const bytes = new FileBytes(file);
  assert.deepEqual(
    readOnnxFile(bytes).nodes.map(({ op }) => op),
    ['DequantizeLinear', 'Neg', 'Gemm'],
    'listed first, run last: see earlyNode',
  );
  bytes.close();
});
