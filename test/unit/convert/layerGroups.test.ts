import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaliGemmaConfig } from '../../../model-host/src/checkpoint/config';
import {
  layerGroups,
  layersPerGroup,
  positionsPerRun,
  visionGroups,
} from '../../../model-host/src/convert/layerGroups';
import { oneLayerShape } from '../../bench/shapes';

const sizes = ['3b', '10b', '28b'] as const;
const resolutions = [224, 448, 896] as const;

function configOf(size: typeof sizes[number], imageSizePx: typeof resolutions[number]): PaliGemmaConfig {
  const { text, vision } = oneLayerShape(size, imageSizePx);
  return {
    text,
    vision: { ...vision, layers: 27, imageTokens: (imageSizePx / 14) ** 2 },
  } as unknown as PaliGemmaConfig;
}

test('groups of layers are even, whole and short', () => {
  for (const layers of [1, 2, 4, 26, 42, 46]) {
    const groups = layerGroups(layers, 7);
    assert.equal(groups[0]?.firstLayer, 0);
    assert.equal(groups.at(-1)?.endLayer, layers);
    groups.forEach((group, index) => assert.equal(group.firstLayer, groups[index - 1]?.endLayer ?? 0));
    assert.ok(groups.every(({ firstLayer, endLayer }) => endLayer > firstLayer && endLayer - firstLayer <= 7));
    assert.deepEqual(
      groups.map(group => [group.isFirst, group.isLast]),
      groups.map((_, index) => [index === 0, index === groups.length - 1]),
    );
  }
});

test('larger models and pictures have fewer layers in a group, so that no run is long', () => {
  const layers = sizes.map(size => resolutions.map(px => layersPerGroup(configOf(size, px))));
  assert.deepEqual(layers, [[4, 1, 1], [1, 1, 1], [1, 1, 1]]);
});

test('where even one layer is long, a prompt runs through it in pieces', () => {
  const pieces = sizes.map(size =>
    resolutions.map(px => Math.max(1, Math.ceil((px / 14) ** 2 / (positionsPerRun(configOf(size, px)) ?? Infinity))))
  );
  assert.deepEqual(pieces, [[1, 1, 4], [1, 3, 10], [2, 6, 25]]);
});

test('the tower is whole layers of short runs, or single blocks', () => {
  const groups = resolutions.map(px => visionGroups(configOf('3b', px).vision));
  assert.deepEqual(groups.map(({ length }) => length), [2, 9, 54]);
  for (const list of groups) {
    assert.equal(list[0]?.firstBlock, 0);
    assert.equal(list.at(-1)?.endBlock, 54);
    list.forEach((group, index) => assert.equal(group.firstBlock, list[index - 1]?.endBlock ?? 0));
  }
});
