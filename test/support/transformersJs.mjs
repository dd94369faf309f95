// Child process: greedy ids of transformers.js on a folder. Arguments: where the package is installed, a JSON file with
// the task.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [home, taskFile] = process.argv.slice(2);
const { folder, dtype, imageSizePx, imageTokenId, imageTokens, pixelsFile, textIds, maxNewTokens } = JSON.parse(
  readFileSync(taskFile, 'utf8'),
);
const { env, PaliGemmaForConditionalGeneration, Tensor } = createRequire(path.join(home, 'package.json'))(
  '@huggingface/transformers',
);
env.allowRemoteModels = false;
env.localModelPath = `${path.dirname(folder)}${path.sep}`;
const model = await PaliGemmaForConditionalGeneration.from_pretrained(path.basename(folder), {
  local_files_only: true,
  device: 'cpu',
  dtype,
});
const bytes = readFileSync(pixelsFile);
const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const ids = [...new Array(imageTokens).fill(imageTokenId), ...textIds];
const output = await model.generate({
  input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
  attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
  pixel_values: new Tensor('float32', pixels, [1, 3, imageSizePx, imageSizePx]),
  max_new_tokens: maxNewTokens,
  do_sample: false,
});
console.log(JSON.stringify(Array.from(output.data, Number).slice(ids.length)));
