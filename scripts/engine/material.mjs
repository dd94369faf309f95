// Checkpoints, pictures and prompts of the engine test, made from what the repository holds.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { smallWindow } from './rounds.mjs';

const golden = path.join(root, 'test/fixtures/golden');
const sidePx = 224;

export const prompts = [
  'caption en',
  'detect cat ; dog',
  'ocr',
  'segment person',
  'answer en what is on the table?',
  '',
];
/** Two words each, equal in the first, of equally many tokens in this checkpoint. */
export const probePrompts = ['caption en', 'caption de'];

const sources = [
  path.join(root, 'media/samples/01.png'),
  path.join(golden, 'images/photo.png'),
  path.join(golden, 'images/text-screenshot.png'),
];

/**
 * A checkpoint with random weights that vLLM's CPU attention takes (head size 32), as published checkpoints are: their
 * tokenizer adds no <bos>.
 * @param {string} folder Is made.
 * @param {{ slides?: boolean }} options `slides`: with a sliding window that shows within the test's answers.
 */
export function writeCheckpoint(folder, { slides = false } = {}) {
  cpSync(path.join(golden, 'models/gqa-224'), folder, { recursive: true });
  replaceIn(path.join(folder, 'tokenizer_config.json'), '"add_bos_token": true', '"add_bos_token": false');
  if (slides) replaceIn(path.join(folder, 'config.json'), '"sliding_window": 4096', `"sliding_window": ${smallWindow}`);
}

/** As text: read and written as JSON, 50.0 would become 50, which transformers refuses. */
function replaceIn(file, before, after) {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(before)) throw new Error(`${file} holds no ${before}`);
  writeFileSync(file, text.replace(before, after));
}

/**
 * Pictures in the model's own size, so that neither side resizes: their resizing differs by single levels (Pillow's
 * against torchvision's).
 * @returns {Promise<string[]>} PNG files in `folder`, which is made.
 */
export async function writeSquarePictures(folder) {
  const { default: sharp } = await import('sharp');
  mkdirSync(folder, { recursive: true });
  return Promise.all(sources.map(async (source, index) => {
    const file = path.join(folder, `${index}.png`);
    await sharp(source).removeAlpha().toColourspace('srgb').resize(sidePx, sidePx, { fit: 'fill' }).png().toFile(file);
    return file;
  }));
}

/** The same pictures in their own size, for the path on which the product resizes them before it sends them. */
export const ownSizePictures = sources;
