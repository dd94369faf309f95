import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestFault } from '../../../model-host/src/manifest/manifestChecks';

const file = (name: string) => ({ name, bytes: 1, sha256: '0'.repeat(64) });
const numbers = (keys: readonly string[]) => Object.fromEntries(keys.map(key => [key, 4]));
const manifest = () => ({
  formatVersion: 3,
  name: 'a',
  source: { path: '/a', fingerprint: '' },
  weights: 'int4',
  attention: 'full',
  vocabularySize: 10,
  config: {
    imageTokenId: 1,
    eosTokenIds: [1],
    vision: numbers([
      'imageSizePx',
      'patchSizePx',
      'imageTokens',
      'hiddenSize',
      'intermediateSize',
      'layers',
      'heads',
      'layerNormEpsilon',
    ]),
    text: numbers([
      'hiddenSize',
      'intermediateSize',
      'layers',
      'heads',
      'kvHeads',
      'headDim',
      'queryPreAttnScalar',
      'ropeTheta',
      'rmsNormEpsilon',
      'maxPositions',
      'slidingWindow',
    ]),
  },
  visionFiles: ['vision.onnx'],
  isTowerMapped: false,
  groups: [{ file: 'd0.onnx', firstLayer: 0, endLayer: 2 }, { file: 'd1.onnx', firstLayer: 2, endLayer: 4 }],
  files: ['tokenizer.bin', 'vision.onnx', 'd0.onnx', 'd1.onnx'].map(file),
});
type Loose = ReturnType<typeof manifest> & Record<string, unknown>;

const faults: readonly (readonly [name: string, edit: (value: Loose) => void, fault: RegExp])[] = [
  ['a file above the folder', value => {
    value.files.push(file('../x'));
  }, /outside of the folder/],
  ['a file with a Windows path', value => {
    value.files.push(file('..\\x'));
  }, /outside of the folder/],
  ['a graph that is not one of the files', value => {
    value.groups[0]!.file = '../d0.onnx';
  }, /do not make up a decoder/],
  ['groups with a gap', value => {
    value.groups[1]!.firstLayer = 3;
  }, /do not make up a decoder/],
  ['groups that end early', value => {
    value.groups.pop();
  }, /do not make up a decoder/],
  ['more layers than memory', value => {
    value.config.text['layers'] = 2 ** 31;
  }, /incomplete/],
  ['a mask decoder elsewhere', value => {
    value['maskDecoder'] = '/etc/passwd';
  }, /mask decoder/],
  ['a tower that is not one of the files', value => {
    value.visionFiles.push('../v.onnx');
  }, /all the files/],
  ['pieces that are not among the files', value => {
    (value.groups[0] as Record<string, unknown>)['pieces'] = { keysFile: '/keys.onnx', positions: 8 };
  }, /do not make up a decoder/],
  ['a tower of which it does not say whether it is mapped', value => {
    delete (value as Record<string, unknown>)['isTowerMapped'];
  }, /incomplete/],
  ['no tokenizer', value => {
    value.files.shift();
  }, /all the files/],
  ['no config', value => {
    (value as Record<string, unknown>)['config'] = null;
  }, /incomplete/],
];

test('a whole manifest has no fault', () => assert.equal(manifestFault(manifest()), undefined));

for (const [name, edit, fault] of faults) {
  test(`refused: ${name}`, () => {
    const value = manifest() as Loose;
    edit(value);
    assert.match(manifestFault(value) ?? '', fault);
  });
}

test('refused: no object', () => {
  for (const value of [null, 1, 'x', []]) assert.match(manifestFault(value) ?? '', /not an object/);
});
