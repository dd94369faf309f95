import type { WeightType } from '../../paligemma/src/facts';
import { layerGroups, layersPerGroup } from '../../model-host/src/convert/layerGroups';
import type { Manifest } from '../../model-host/src/manifest/manifest';
import { shape3b } from '../bench/shapes';

const BITS = { int4: 4.5, int8: 8.5, f16: 16, f32: 32 } as const;

/** The 3B model as a conversion describes it: files of as many bytes as its weights take. */
export function manifest3b(imageSizePx: number, weights: WeightType): Manifest {
  const { text, vision, vocabularySize } = shape3b();
  const imageTokens = (imageSizePx / 14) ** 2;
  const config = { text, vision: { ...vision, imageSizePx, imageTokens } } as unknown as Manifest['config'];
  const { hiddenSize, headDim, heads, kvHeads, intermediateSize } = text;
  const layerBytes = (hiddenSize * (headDim * (2 * heads + 2 * kvHeads) + 3 * intermediateSize) * BITS[weights]) / 8;
  const visionBytes = (27 * (4 * 1152 ** 2 + 2 * 1152 * 4304) * Math.max(8.5, BITS[weights])) / 8;
  const groups = layerGroups(26, layersPerGroup(config)).map(({ firstLayer, endLayer }) => ({
    file: `decoder-${String(firstLayer).padStart(2, '0')}.onnx`,
    firstLayer,
    endLayer,
  }));
  const files = [
    { name: 'vision.data', bytes: visionBytes },
    { name: 'shared.data', bytes: (vocabularySize * hiddenSize * BITS[weights]) / 8 },
    ...groups.map(({ file, firstLayer, endLayer }) => ({
      name: file.replace('.onnx', '.data'),
      bytes: (endLayer - firstLayer) * layerBytes,
    })),
    { name: 'vision-00.onnx', bytes: 1e5 },
  ].map(file => ({ ...file, sha256: '' }));
  return {
    name: '3b',
    weights,
    config,
    groups,
    files,
    visionFiles: ['vision-00.onnx'],
    isTowerMapped: false,
  } as unknown as Manifest;
}
