/** Copies of good checkpoints with one thing broken. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const demo = path.resolve('model-host/demo-model/paligemma2-demo-224');
const sharded = path.resolve('test/fixtures/golden/models/wide-448');

/** Breaks the checkpoint in a folder that holds a good copy. */
type Breakage = (folder: string) => void;

interface BadModel {
  readonly name: string;
  readonly source: string;
  readonly breakIt: Breakage;
  /** Key of `failures`. */
  readonly reason:
    | 'modelConfigMissing'
    | 'modelConfigInvalid'
    | 'modelUnsupported'
    | 'weightsMissing'
    | 'weightsCorrupt'
    | 'tensorMissing'
    | 'tensorMismatch'
    | 'tokenizerMissing'
    | 'tokenizerInvalid';
  /** What the sentence must name, so that the person knows which file is meant. */
  readonly names: RegExp;
}

export const badModels: readonly BadModel[] = [
  {
    name: 'without config',
    source: demo,
    reason: 'modelConfigMissing',
    names: /config\.json/,
    breakIt: folder => rmSync(path.join(folder, 'config.json')),
  },
  {
    name: 'with a config that is no JSON',
    source: demo,
    reason: 'modelConfigInvalid',
    names: /config\.json/,
    breakIt: folder => writeFileSync(path.join(folder, 'config.json'), '{"model_type": '),
  },
  {
    name: 'of another architecture',
    source: demo,
    reason: 'modelUnsupported',
    names: /llava/,
    breakIt: folder =>
      changeConfig(folder, config => {
        config['model_type'] = 'llava';
      }),
  },
  {
    name: 'with the text model of the first PaliGemma',
    source: demo,
    reason: 'modelUnsupported',
    names: /gemma/,
    breakIt: folder =>
      changeConfig(folder, config => {
        (config['text_config'] as Record<string, unknown>)['model_type'] = 'gemma';
      }),
  },
  {
    name: 'without its weights',
    source: demo,
    reason: 'weightsMissing',
    names: /safetensors/,
    breakIt: folder => rmSync(path.join(folder, 'model.safetensors')),
  },
  {
    name: 'with truncated weights',
    source: demo,
    reason: 'weightsCorrupt',
    names: /model\.safetensors/,
    breakIt: folder => truncateSync(path.join(folder, 'model.safetensors'), 5_000_000),
  },
  {
    name: 'with a shard missing',
    source: sharded,
    reason: 'weightsMissing',
    names: /model-00002-of-00003\.safetensors/,
    breakIt: folder => rmSync(path.join(folder, 'model-00002-of-00003.safetensors')),
  },
  {
    name: 'with a truncated shard',
    source: sharded,
    reason: 'weightsCorrupt',
    names: /model-00002-of-00003\.safetensors/,
    breakIt: folder => truncateSync(path.join(folder, 'model-00002-of-00003.safetensors'), 1000),
  },
  {
    name: 'with a tensor of the wrong shape',
    source: demo,
    reason: 'tensorMismatch',
    names: /multi_modal_projector\.linear\.weight.*\[/,
    breakIt: folder =>
      changeHeader(folder, header => {
        header['multi_modal_projector.linear.weight']?.shape.reverse();
      }),
  },
  {
    name: 'without one of its tensors',
    source: demo,
    reason: 'tensorMissing',
    names: /norm/,
    breakIt: folder => changeHeader(folder, renameFinalNorm),
  },
  {
    name: 'without tokenizer',
    source: demo,
    reason: 'tokenizerMissing',
    names: /tokenizer\.json/,
    breakIt: folder => rmSync(path.join(folder, 'tokenizer.json')),
  },
  {
    name: 'with a tokenizer that is no JSON',
    source: demo,
    reason: 'tokenizerInvalid',
    names: /tokenizer\.json/,
    breakIt: folder => writeFileSync(path.join(folder, 'tokenizer.json'), 'not json'),
  },
];

/** Makes a broken checkpoint in `folder`, which must not exist yet. */
export function makeBadModel(model: BadModel, folder: string): void {
  cpSync(model.source, folder, { recursive: true });
  model.breakIt(folder);
}

function changeConfig(folder: string, change: (config: Record<string, unknown>) => void): void {
  const file = path.join(folder, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(config);
  writeFileSync(file, JSON.stringify(config));
}

type Header = Record<string, { readonly shape: number[] }>;

/** Rewrites the header of a safetensors file: 8 bytes of its length, the JSON, the data. */
function changeHeader(folder: string, change: (header: Header) => void): void {
  const file = path.join(folder, 'model.safetensors');
  const bytes = readFileSync(file);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, end)) as Header;
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, bytes.subarray(end)]));
}

function renameFinalNorm(header: Header): void {
  const name = Object.keys(header).find(candidate => candidate.endsWith('model.norm.weight'));
  const tensor = name === undefined ? undefined : header[name];
  if (name === undefined || tensor === undefined) throw new Error('the checkpoint has no final norm to rename');
  header[`${name}.moved`] = tensor;
  Reflect.deleteProperty(header, name);
}
