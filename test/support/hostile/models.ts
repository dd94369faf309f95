/** Model folders that lie: about sizes, about where things are, about what they are. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { editJson, editSafetensorsHeader, writeSafetensors } from '../tinyCheckpoint';

const demo = path.resolve('model-host/demo-model/paligemma2-demo-224');
const sharded = path.resolve('test/fixtures/golden/models/wide-448');

export interface HostileModel {
  readonly name: string;
  readonly source: string;
  readonly breakIt: (folder: string) => void;
}

const file = (name: string) => (folder: string) => path.join(folder, name);
const weights = file('model.safetensors');
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
type Json = Record<string, unknown>;
const text = (config: Json) => config['text_config'] as Json;
const vision = (config: Json) => config['vision_config'] as Json;

const config = (name: string, edit: (config: Json) => void): HostileModel => ({
  name: `config ${name}`,
  source: demo,
  breakIt: folder => editJson(folder, 'config.json', edit),
});
const header = (name: string, edit: Parameters<typeof editSafetensorsHeader>[1]): HostileModel => ({
  name: `header ${name}`,
  source: demo,
  breakIt: folder => editSafetensorsHeader(weights(folder), edit),
});
const whole = (target: string, name: string, content: string | Buffer): HostileModel => ({
  name: `${target} ${name}`,
  source: demo,
  breakIt: folder => writeFileSync(path.join(folder, target), content),
});
const index = (name: string, map: unknown): HostileModel => ({
  name: `index ${name}`,
  source: sharded,
  breakIt: folder =>
    writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map })),
});
const pipe = (target: string): HostileModel => ({
  name: `pipe ${target}`,
  source: demo,
  breakIt: folder => {
    rmSync(path.join(folder, target), { force: true });
    execFileSync('mkfifo', [path.join(folder, target)]);
  },
});
const link = (target: string, to: string): HostileModel => ({
  name: `link ${target} ${to}`,
  source: demo,
  breakIt: folder => {
    rmSync(path.join(folder, target), { force: true });
    symlinkSync(to, path.join(folder, target));
  },
});
const sparse = (target: string, bytes: number): HostileModel => ({
  name: `sparse ${target} ${bytes}`,
  source: demo,
  breakIt: folder => {
    writeFileSync(path.join(folder, target), '');
    truncateSync(path.join(folder, target), bytes);
  },
});

const absurd = [
  0,
  -1,
  1.5,
  1e308,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  2 ** 64,
  '4',
  null,
  [],
  {},
  true,
  'x'.repeat(1_000_000),
];
const counts: readonly (readonly [part: (config: Json) => Json, key: string])[] = [
  ...[
    'num_hidden_layers',
    'hidden_size',
    'intermediate_size',
    'num_attention_heads',
    'num_key_value_heads',
    'head_dim',
    'max_position_embeddings',
    'sliding_window',
    'query_pre_attn_scalar',
    'rms_norm_eps',
    'attn_logit_softcapping',
  ].map(key => [text, key] as const),
  ...[
    'num_hidden_layers',
    'hidden_size',
    'intermediate_size',
    'num_attention_heads',
    'image_size',
    'patch_size',
    'layer_norm_eps',
  ].map(key => [vision, key] as const),
];

/** Checkpoints; none of them can be run. */
export function hostileCheckpoints(isWindows: boolean): HostileModel[] {
  const paths = [
    '../canary.safetensors',
    '/etc/passwd',
    '..',
    '.',
    '',
    'a/b.safetensors',
    'C:\\x',
    '..\\x',
    '\0',
    'x\0y',
    'con',
    '~/.ssh/id_rsa',
    'model.safetensors/../../x',
    '%2e%2e/x',
    'x'.repeat(5000),
    'file:///etc/passwd',
    '\u202e',
  ];
  return [
    ...counts.flatMap(([part, key]) =>
      [2 ** 31 - 1, 2 ** 30, 65_535, 2 ** 53, -1, 0.5, 'x', deep(20)].map(value =>
        config(`${key} ${String(value).slice(0, 20)}`, json => {
          part(json)[key] = value;
        })
      )
    ),
    ...absurd.slice(0, -1).map(value =>
      config(`everything ${JSON.stringify(value)}`, json => {
        for (const [part, key] of counts) part(json)[key] = value;
      })
    ),
    config('model_type huge', json => {
      json['model_type'] = 'x'.repeat(5_000_000);
    }),
    config('layer_types many', json => {
      text(json)['layer_types'] = Array.from({ length: 1_000_000 }, () => 'sliding_attention');
    }),
    config('__proto__', json => {
      Object.assign(json, JSON.parse('{"__proto__":{"model_type":"paligemma"}}'));
      json['model_type'] = 'x';
    }),
    ...['config.json', 'tokenizer.json', 'generation_config.json', 'preprocessor_config.json'].flatMap(name => [
      whole(name, 'deep array', deep(200_000)),
      whole(name, 'deep object', nested(100_000)),
      whole(name, 'deep value', `{"model_type":${deep(100_000)}}`),
      whole(name, 'number', '1e999'),
      whole(name, 'null', 'null'),
      whole(name, 'empty', ''),
      whole(name, 'bytes', Buffer.from(Array.from({ length: 4096 }, (_, at) => at * 37 & 255))),
      whole(name, 'bom', '\ufeff{}'),
      whole(name, 'utf16', Buffer.from('{}', 'utf16le')),
      sparse(name, 3 * 2 ** 30),
      ...(isWindows ? [] : [pipe(name), link(name, '/dev/zero'), link(name, name), link(name, '/nowhere')]),
    ]),
    whole('tokenizer.json', 'deep normalizer', `{"model":{"type":"BPE"},"normalizer":${nested(100_000)}}`),
    whole(
      'tokenizer.json',
      'deep vocabulary',
      `{"model":{"type":"BPE","byte_fallback":true,"vocab":{"a":${deep(50_000)}},"merges":[${deep(50_000)}]}}`,
    ),
    ...(isWindows
      ? []
      : [
        pipe('model.safetensors'),
        link('model.safetensors', '/dev/zero'),
        link('model.safetensors', 'model.safetensors'),
      ]),
    ...[2 ** 53, 2 ** 40, 0, 1, 7].map(claim => ({
      name: `weights claim ${claim}`,
      source: demo,
      breakIt: (folder: string) => writeSafetensors(weights(folder), '{}', 64, claim),
    })),
    {
      name: 'weights claim 2^64-1',
      source: demo,
      breakIt: folder => writeFileSync(weights(folder), Buffer.alloc(64, 0xff)),
    },
    ...[
      '[]',
      'null',
      '1',
      '"x"',
      '{',
      deep(100_000),
      nested(100_000),
      '{"a":null}',
      '{"a":1}',
      '{"a":{"dtype":"F32"}}',
      '{"__metadata__":5}',
      `{"x":{"dtype":"toString","shape":[],"data_offsets":[0,0]}}`,
      `{"x":{"dtype":"__proto__","shape":[1],"data_offsets":[0,4]}}`,
    ]
      .map(json => ({
        name: `weights header ${json.slice(0, 30)}`,
        source: demo,
        breakIt: (folder: string) => writeSafetensors(weights(folder), json, 64),
      })),
    sparse('model.safetensors', 2 ** 40),
    header('beyond the end', tensors => {
      for (const tensor of Object.values(tensors)) {
        tensor.data_offsets = (tensor.data_offsets ?? []).map(offset => offset + 2 ** 40);
      }
    }),
    header('backwards', tensors => {
      for (const tensor of Object.values(tensors)) tensor.data_offsets?.reverse();
    }),
    header('negative', tensors => {
      for (const tensor of Object.values(tensors)) tensor.data_offsets = [-4, 0];
    }),
    header('2^53', tensors => {
      for (const tensor of Object.values(tensors)) {
        tensor.shape = [2 ** 53];
        tensor.data_offsets = [0, 2 ** 53];
      }
    }),
    header('overflow', tensors => {
      for (const tensor of Object.values(tensors)) tensor.shape = [2 ** 32, 2 ** 32, 0];
    }),
    header('over each other', tensors => {
      for (const tensor of Object.values(tensors)) {
        const [start = 0, end = 0] = tensor.data_offsets ?? [];
        tensor.data_offsets = [0, end - start];
      }
    }),
    header('many dimensions', tensors => {
      for (const tensor of Object.values(tensors)) tensor.shape = Array.from({ length: 100_000 }, () => 1);
    }),
    header('long names', tensors => {
      for (const [name, tensor] of Object.entries(tensors)) {
        Reflect.deleteProperty(tensors, name);
        tensors[`${name}${'x'.repeat(100_000)}`] = tensor;
      }
    }),
    ...paths.flatMap((
      name,
      at,
    ) => [
      index(`path ${at}`, { a: name }),
      index(`path ${at} among others`, { a: 'model-00001-of-00003.safetensors', b: name }),
    ]),
    index('number', 5),
    index('list', ['a']),
    index('empty', {}),
    index('numbers', { a: 5 }),
    index('deep', JSON.parse(nested(1000))),
    {
      name: 'index deep',
      source: sharded,
      breakIt: folder => writeFileSync(path.join(folder, 'model.safetensors.index.json'), deep(200_000)),
    },
    {
      name: 'index million',
      source: sharded,
      breakIt: folder =>
        writeFileSync(
          path.join(folder, 'model.safetensors.index.json'),
          JSON.stringify({
            weight_map: Object.fromEntries(
              Array.from({ length: 200_000 }, (_, at) => [`t${at}`, `s${at}.safetensors`]),
            ),
          }),
        ),
    },
  ];
}

/** Makes the checkpoint in `folder`, which must not exist. */
export function makeHostile({ name, source, breakIt }: HostileModel, folder: string): string {
  // Only a case about the weights gets a copy of them that it may write to.
  const isAboutWeights = /^(?:header|weights|\w+ model\.safetensors)\b/.test(name);
  cpSync(source, folder, {
    recursive: true,
    filter: from => isAboutWeights || path.basename(from) !== 'model.safetensors',
  });
  if (!isAboutWeights && source === demo) {
    symlinkSync(path.join(source, 'model.safetensors'), path.join(folder, 'model.safetensors'));
  }
  breakIt(folder);
  return folder;
}

type Manifest = { groups: Json[]; files: Json[]; config: Json & { text: Json; vision: Json } } & Json;

/** Changes of a converted folder; each must be refused, or do no harm. */
export function hostileConversions(): { readonly name: string; readonly breakIt: (folder: string) => void }[] {
  const manifest = (name: string, edit: (manifest: Manifest) => unknown) => ({
    name: `manifest ${name}`,
    breakIt: (folder: string) => {
      const place = path.join(folder, 'manifest.json');
      const value = JSON.parse(readFileSync(place, 'utf8')) as Manifest;
      const other = edit(value);
      writeFileSync(place, typeof other === 'string' ? other : JSON.stringify(value));
    },
  });
  const escapes = [
    '../canary.txt',
    '/etc/passwd',
    '..',
    '',
    'a/../../x',
    'C:\\x',
    'tokenizer.bin\0',
    'nowhere.onnx',
    5,
    null,
    {},
    [],
  ];
  return [
    ...escapes.flatMap((name, at) => [
      manifest(`file ${at}`, value => {
        value.files[0]!['name'] = name;
      }),
      manifest(`group ${at}`, value => {
        value.groups[0]!['file'] = name;
      }),
      manifest(`mask decoder ${at}`, value => {
        value['maskDecoder'] = name;
      }),
    ]),
    ...absurd.flatMap((value, at) => [
      ...['layers', 'kvHeads', 'headDim', 'maxPositions', 'hiddenSize', 'slidingWindow'].map(key =>
        manifest(`text.${key} ${at}`, json => {
          json.config.text[key] = value;
        })
      ),
      manifest(`vision.imageSizePx ${at}`, json => {
        json.config.vision['imageSizePx'] = value;
      }),
      ...(value === 0 ? [] : [manifest(`firstLayer ${at}`, json => {
        json.groups[0]!['firstLayer'] = value;
      })]),
      manifest(`endLayer ${at}`, json => {
        json.groups.at(-1)!['endLayer'] = value;
      }),
      manifest(`bytes ${at}`, json => {
        json.files[0]!['bytes'] = value;
      }),
      manifest(`eos ${at}`, json => {
        json.config['eosTokenIds'] = value;
      }),
      manifest(`config ${at}`, json => {
        (json as Json)['config'] = value;
      }),
      manifest(`groups ${at}`, json => {
        (json as Json)['groups'] = value;
      }),
      manifest(`files ${at}`, json => {
        (json as Json)['files'] = value;
      }),
      manifest(`weights ${at}`, json => {
        json['weights'] = value;
      }),
      manifest(`formatVersion ${at}`, json => {
        json['formatVersion'] = value;
      }),
      manifest(`source ${at}`, json => {
        json['source'] = value;
      }),
    ]),
    manifest('deep', () => deep(200_000)),
    manifest('deep object', () => nested(100_000)),
    manifest('deep in a key of its own', value => JSON.stringify(value).replace(/\}$/, `,"more":${deep(200_000)}}`)),
    manifest('null', () => 'null'),
    manifest('empty', () => ''),
    manifest('no tokenizer', value => {
      value.files = value.files.filter(({ name }) => name !== 'tokenizer.bin');
    }),
    manifest('other image size', value => {
      value.config.vision['imageSizePx'] = 448;
    }),
    manifest('other heads', value => {
      value.config.text['kvHeads'] = 7;
    }),
  ];
}

/** Adapters for the demo model's architecture. */
export function hostileAdapters(folder: string): { readonly name: string; readonly path: string }[] {
  const good = { peft_type: 'LORA', r: 4, lora_alpha: 8 };
  const target = 'base_model.model.language_model.model.layers.0.self_attn.q_proj';
  const make = (name: string, adapterConfig: unknown, tensors: Record<string, unknown> | string, bytes = 4096) => {
    const place = path.join(folder, name);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      path.join(place, 'adapter_config.json'),
      typeof adapterConfig === 'string' ? adapterConfig : JSON.stringify(adapterConfig),
    );
    writeSafetensors(path.join(place, 'adapter_model.safetensors'), tensors, bytes);
    return { name: `adapter ${name}`, path: place };
  };
  const pair = {
    [`${target}.lora_A.weight`]: { dtype: 'F32', shape: [4, 8], data_offsets: [0, 128] },
    [`${target}.lora_B.weight`]: { dtype: 'F32', shape: [8, 4], data_offsets: [128, 256] },
  };
  const slow = `${target.replace('q_proj', `${'a'.repeat(64)}!`)}`;
  const slowPair = {
    [`${slow}.lora_A.weight`]: { dtype: 'F32', shape: [4, 8], data_offsets: [0, 128] },
    [`${slow}.lora_B.weight`]: { dtype: 'F32', shape: [8, 4], data_offsets: [128, 256] },
  };
  return [
    ...['(a+)+$', '([a-z]*)*!!', '(.*)*x', '(.*.*.*.*.*.*.*.*)=', '('].flatMap((
      pattern,
      at,
    ) => [
      make(`rank-pattern-${at}`, { ...good, rank_pattern: { [pattern]: 4 } }, slowPair),
      make(`alpha-pattern-${at}`, { ...good, alpha_pattern: { [pattern]: 4 } }, slowPair),
    ]),
    ...absurd.slice(0, -1).flatMap((
      value,
      at,
    ) => [
      make(`r-${at}`, { ...good, r: value }, pair),
      make(`alpha-${at}`, { ...good, lora_alpha: value }, pair),
      make(`patterns-${at}`, { ...good, rank_pattern: value, alpha_pattern: value }, pair),
      make(`peft-${at}`, { ...good, peft_type: value }, pair),
    ]),
    ...['null', '[]', '5', '', deep(100_000), nested(100_000), `{"peft_type":${deep(100_000)}}`].map((json, at) =>
      make(`json-${at}`, json, pair)
    ),
    make('rank-huge', { ...good, r: 2 ** 31 }, {
      [`${target}.lora_A.weight`]: { dtype: 'F32', shape: [2 ** 31, 0], data_offsets: [0, 0] },
      [`${target}.lora_B.weight`]: { dtype: 'F32', shape: [0, 2 ** 31], data_offsets: [0, 0] },
    }),
    make('scalar', good, {
      [`${target}.lora_A.weight`]: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
      [`${target}.lora_B.weight`]: { dtype: 'F32', shape: [], data_offsets: [4, 8] },
    }),
    make('half', good, { [`${target}.lora_A.weight`]: { dtype: 'F32', shape: [4, 8], data_offsets: [0, 128] } }),
    make('misfit', good, pair),
    make('other', good, { 'something.else': { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }),
    make('garbage', good, '{'),
  ];
}
