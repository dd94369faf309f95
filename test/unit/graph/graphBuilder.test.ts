import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphBuilder } from '../../../model-host/src/graph/graphBuilder';
import { readOnnxFile } from '../../../model-host/src/onnxFolder/onnxFile';
import { FileBytes } from '../../../model-host/src/onnxFolder/protobufReader';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('graph-builder');

function nodesOf(model: Uint8Array): string[] {
  const file = path.join(folder, 'graph.onnx');
  writeFileSync(file, model);
  const bytes = new FileBytes(file);
  try {
    return readOnnxFile(bytes).nodes.map(({ op, outputs }) => `${op} ${outputs.join()}`);
  } finally {
    bytes.close();
  }
}

test('what a node makes is returned under the name of the output, and other nodes and branches read it there', async () => {
  const graph = new GraphBuilder('named');
  const x = graph.input('x', 'float32', [2]);
  const double = graph.node('Add', '/double', [x, x]);
  graph.output('doubled', double, 'float32', [2]);
  const branch = (name: string, op: string) => {
    const inner = graph.subgraph(name);
    inner.output(`${name}/out`, inner.node(op, name, [double, x]), 'float32', [2]);
    return inner;
  };
  const chosen = graph.node('If', '/choice', [graph.input('adds', 'bool', [])], {
    then_branch: branch('/then', 'Add'),
    else_branch: branch('/else', 'Sub'),
  });
  graph.output('chosen', chosen, 'float32', [2]);
  assert.deepEqual(nodesOf(graph.model()), ['Add doubled', 'If chosen']);
  const session = await InferenceSession.create(graph.model());
  for (const [adds, expected] of [[1, [3, -6]], [0, [1, -2]]] as const) {
    const outputs = await session.run({
      x: new Tensor('float32', [1, -2]),
      adds: new Tensor('bool', Uint8Array.of(adds), []),
    });
    assert.deepEqual([...(outputs['doubled']?.data ?? [])], [2, -4]);
    assert.deepEqual([...(outputs['chosen']?.data ?? [])], expected);
  }
  await session.release();
});

test('an input, and a value that has a name already, are returned through a copy', async () => {
  const graph = new GraphBuilder('copied');
  const x = graph.input('x', 'float32', [1]);
  const negative = graph.node('Neg', '/negative', [x]);
  for (const [name, value] of [['same', x], ['first', negative], ['second', negative]] as const) {
    graph.output(name, value, 'float32', [1]);
  }
  assert.deepEqual(nodesOf(graph.model()), ['Neg first', 'Identity same', 'Identity second']);
  const session = await InferenceSession.create(graph.model());
  const outputs = await session.run({ x: new Tensor('float32', [3]) });
  assert.deepEqual(['same', 'first', 'second'].map(name => outputs[name]?.data[0]), [3, -3, -3]);
  await session.release();
});
