/** A LoRA adapter that the demo model really takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const MODULE = 'base_model.model.model.language_model.layers.0.mlp.down_proj';
/** Inner side of the feed-forward part, and of the model. */
const INNER = 480;
const OUTER = 160;

/**
 * Writes an adapter as PEFT does and returns its folder. @param strength 0 changes no answer; 40 spoils them.
 * @param base What its config says that it was trained on.
 */
export function demoAdapter(folder: string, strength: number, base?: string): string {
  const down = Float32Array.from({ length: INNER }, (_, index) => Math.sin(index));
  const up = Float32Array.from({ length: OUTER }, (_, index) => strength * Math.cos(index));
  const header = JSON.stringify({
    [`${MODULE}.lora_A.weight`]: { dtype: 'F32', shape: [1, INNER], data_offsets: [0, down.byteLength] },
    [`${MODULE}.lora_B.weight`]: {
      dtype: 'F32',
      shape: [OUTER, 1],
      data_offsets: [down.byteLength, down.byteLength + up.byteLength],
    },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'adapter_model.safetensors'),
    Buffer.concat([length, Buffer.from(header), Buffer.from(down.buffer), Buffer.from(up.buffer)]),
  );
  const config = {
    peft_type: 'LORA',
    r: 1,
    lora_alpha: 1,
    target_modules: ['down_proj'],
    base_model_name_or_path: base ?? null,
  };
  writeFileSync(path.join(folder, 'adapter_config.json'), JSON.stringify(config));
  return folder;
}
