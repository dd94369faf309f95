/**
 * What the keys of an image processor mean. The pixel pipeline is fixed (squeeze to a square, bicubic, −1…1); a
 * checkpoint that asks for another one would be answered wrongly.
 * Source: transformers 5.23, `processing_utils.py` ImagesKwargs and `image_processing_siglip.py`.
 */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { all, harmless, off, only, onlyIf, type KeyTable } from './keyTable';

const halves = (value: unknown) =>
  value === 0.5 || (Array.isArray(value) && value.length > 0 && value.every(entry => entry === 0.5));
const BICUBIC = 3;
/** 1/255 is written with as many digits as a float32 has, or more. */
const isByteScale = (value: unknown) => typeof value === 'number' && Math.abs(value * 255 - 1) < 1e-6;

/** @param imageSizePx Side of the picture that config.json asks for. */
export function preprocessorKeys(imageSizePx: number): KeyTable {
  const isThatSquare = (value: unknown) =>
    value === imageSizePx
    || (Array.isArray(value) && value.length > 0 && value.every(side => side === imageSizePx))
    || (isRecord(value) && value['height'] === imageSizePx && value['width'] === imageSizePx);
  return {
    ...all([
      'crop_size',
      'data_format',
      'default_to_square',
      'device',
      'disable_grouping',
      'do_convert_rgb',
      'feature_extractor_type',
      'image_seq_length',
      'input_data_format',
      'pad_size',
      'processor_class',
      'return_tensors',
      'use_fast',
    ], harmless),
    auto_map: off(() => l10n.t('code of its own')),
    do_center_crop: off(() => l10n.t('a cropped picture')),
    do_pad: off(() => l10n.t('a picture with a border')),
    do_normalize: only([true], () => l10n.t('values that are not scaled to −1…1')),
    do_rescale: only([true], () => l10n.t('values that are not scaled to −1…1')),
    do_resize: only([true], () => l10n.t('pictures of any size')),
    image_mean: onlyIf(halves, () => l10n.t('a mean other than 0.5')),
    image_std: onlyIf(halves, () => l10n.t('a standard deviation other than 0.5')),
    image_processor_type: only(
      ['SiglipImageProcessor', 'SiglipImageProcessorFast', 'SiglipImageProcessorPil'],
      () => l10n.t('a different image processor'),
    ),
    resample: only([BICUBIC], () => l10n.t('a filter other than bicubic')),
    rescale_factor: onlyIf(isByteScale, () => l10n.t('a different range of values')),
    size: onlyIf(
      isThatSquare,
      () => l10n.t('a size other than the square of {0} px that config.json gives', imageSizePx),
    ),
  };
}
