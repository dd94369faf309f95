import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GraphBuilder } from '../../../model-host/src/graph/graphBuilder';
import { readOnnxFile, type OnnxFile, type OnnxNode } from '../../../model-host/src/onnxFolder/onnxFile';
import { FileBytes, fieldsOf } from '../../../model-host/src/onnxFolder/protobufReader';
import { projectionOf, rewriteModel } from '../../../model-host/src/onnxFolder/rewrite';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('onnx-file');

function withFile<T>(content: Uint8Array, work: (bytes: FileBytes) => T): T {
  const file = path.join(folder, 'graph.onnx');
  writeFileSync(file, content);
  const bytes = new FileBytes(file);
  try {
    return work(bytes);
  } finally {
    bytes.close();
  }
}

/** x [B, S, 2] · W → tanh → logits, W beside the graph. */
function smallGraph(location = 'graph.onnx_data'): Uint8Array {
  const graph = new GraphBuilder('small');
  const x = graph.input('x', 'float16', ['batch', 'length', 2]);
  const product = graph.contrib('MatMulNBits', '/head', [
    x,
    graph.external('w', 'uint8', [3, 1, 1], { location, offset: 64, length: 3 }),
  ], { K: 2, N: 3 });
  graph.output('logits', graph.node('Tanh', '/cap', [product]), 'float32', ['batch', 'length', 3]);
  return graph.model();
}

test('declared values, nodes and data files are read', () => {
  const file = withFile(smallGraph(), readOnnxFile);
  assert.deepEqual(file.inputs, [{ name: 'x', elementType: 10, shape: [undefined, undefined, 2] }]);
  assert.deepEqual(file.outputs, [{ name: 'logits', elementType: 1, shape: [undefined, undefined, 3] }]);
  assert.deepEqual(file.nodes.map(({ op, attributes }) => [op, ...attributes]), [['MatMulNBits', 'K', 'N'], ['Tanh']]);
  assert.deepEqual(file.external, [{ location: 'graph.onnx_data', offset: 64, length: 3 }]);
});

test('a rewritten graph slices, renames its data, and opens its fast matrices; the rest stays', () => {
  const rewrite = (options: { readonly lastRowOf?: string; readonly hasFastMatrices?: boolean }): OnnxFile => {
    const model = withFile(
      smallGraph(),
      bytes =>
        rewriteModel(bytes, readOnnxFile(bytes), {
          ownName: 'blob0',
          nameOf: location => `blobs/${location}`,
          ...options,
        }),
    );
    return withFile(model, readOnnxFile);
  };
  const plain = rewrite({});
  assert.deepEqual(plain.nodes.map(({ op, inputs, attributes }) => [op, inputs[0], attributes.length]), [[
    'MatMulNBits',
    'x',
    2,
  ], ['Tanh', '/head/MatMulNBits/output_0', 0]]);
  assert.deepEqual(plain.external, [{ location: 'blobs/graph.onnx_data', offset: 64, length: 3 }]);
  const fast = rewrite({ lastRowOf: 'logits', hasFastMatrices: true });
  assert.deepEqual(fast.nodes.map(({ op, inputs }) => [op, inputs[0]]).slice(0, 2), [['Slice', 'x'], [
    'MatMulNBits',
    fast.nodes[0]?.outputs[0],
  ]]);
  assert.deepEqual(fast.nodes[1]?.attributes, ['K', 'N', 'accuracy_level']);
});

test('the last row is taken only where every row is treated alike', () => {
  const node = (op: string, inputs: readonly string[], output: string): OnnxNode => ({
    op,
    inputs,
    outputs: [output],
    attributes: [],
    field: { number: 1, start: 0, end: 0, contentStart: 0, kind: 'bytes', value: 0 },
  });
  const quantized = [
    node('DynamicQuantizeLinear', ['x'], 'q'),
    node('MatMulInteger', ['q', 'w'], 'product'),
    node('Cast', ['product'], 'float'),
    node('Mul', ['scale', 'float'], 'scaled'),
    node('Tanh', ['scaled'], 'logits'),
  ];
  assert.equal(projectionOf('logits', quantized), quantized[1]);
  assert.equal(
    projectionOf('logits', [node('MatMul', ['x', 'w'], 'product'), node('Reshape', ['product'], 'logits')]),
    undefined,
  );
  assert.equal(projectionOf('logits', [node('Tanh', ['logits'], 'logits')]), undefined, 'a circle');
  assert.equal(projectionOf('other', quantized), undefined);
});

test('whatever is no graph is refused, and nothing is read beyond the end', () => {
  const good = smallGraph();
  for (
    const bytes of [
      new Uint8Array(0),
      Uint8Array.of(0),
      Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      Uint8Array.of(0x3a, 0xff),
      new TextEncoder().encode('version https://git-lfs'),
      good.subarray(0, good.length - 40),
    ]
  ) {
    assert.throws(() => withFile(bytes, readOnnxFile), RangeError);
  }
  for (let seed = 1, round = 0; round < 300; round++) {
    const broken = Uint8Array.from(good);
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    broken[seed % broken.length] = (seed >>> 16) & 0xff;
    try {
      withFile(broken, readOnnxFile);
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
  }
});

test('a file is read in windows', () => {
  const long = new Uint8Array(600_000).fill(7);
  withFile(Buffer.concat([Uint8Array.of(0x0a, 0xc0, 0xcf, 0x24), long]), bytes => {
    const [field, ...more] = fieldsOf(bytes, 0, bytes.length);
    assert.deepEqual([field?.number, field?.contentStart, field?.end, more.length], [1, 4, 600_004, 0]);
    assert.deepEqual([bytes.at(599_999), bytes.at(10), bytes.at(300_000)], [7, 7, 7]);
    assert.deepEqual(bytes.read(4, 600_004), long);
    assert.deepEqual(bytes.read(599_990, 600_004), long.subarray(0, 14));
    assert.throws(() => bytes.at(600_004), RangeError);
    assert.throws(() => bytes.read(599_999, 600_010), RangeError);
  });
});
