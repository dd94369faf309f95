// `paligemma data`: statistics, other forms, parts and drafts of data sets.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { withDemoModel } from '../support/demoCache';
import { objectsOf, runCommand, temporaryFolder, type CommandResult } from '../support/commandLine';

const folder = temporaryFolder();
const cache = folder.at('cache');
const codec = path.resolve('model-host/demo-model/recipe/mask-codec.safetensors');
after(() => folder.remove());
mkdirSync(folder.at('set'));
for (const [name, sample] of [['a.png', '01.png'], ['b.png', '02.png']] as const) {
  copyFileSync(path.resolve('media/samples', sample), folder.at(`set/${name}`));
}
/** The sizes of the samples. */
const [a, b] = [{ width: 640, height: 814 }, { width: 640, height: 577 }];

function data(...words: readonly string[]): Promise<CommandResult> {
  return runCommand(['data', ...words], { cache, cwd: folder.at('set') });
}

function write(name: string, content: unknown): string {
  writeFileSync(folder.at(`set/${name}`), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

function lines(name: string): readonly Record<string, unknown>[] {
  return readFileSync(folder.at(`set/${name}`), 'utf8').trimEnd().split('\n').map(line =>
    JSON.parse(line) as Record<string, unknown>
  );
}

const box = '<loc0100><loc0200><loc0300><loc0400>';
const good = [
  {
    image: 'a.png',
    prefix: 'detect star ; __proto__',
    suffix: `${box} star ; <loc0000><loc0000><loc1023><loc1023> __proto__`,
  },
  { image: 'b.png', prefix: 'detect star ; __proto__', suffix: '' },
];
const jsonl = (values: readonly unknown[]) => values.map(value => `${JSON.stringify(value)}\n`).join('');

describe('paligemma data stats', () => {
  test('counts lines, pictures, labels, prefixes and tokens', async () => {
    const file = write(
      'stats.jsonl',
      jsonl([...good, { image: 'a.png', prefix: 'caption en', suffix: 'a dog', draft: true }]),
    );
    const result = await data('stats', file, '--json', '--model', 'demo');
    assert.equal(result.code, 0, result.stderr);
    const [stats] = objectsOf(result);
    const { tokens, ...counts } = stats ?? {};
    assert.deepEqual(counts, {
      lines: 3,
      pictures: 2,
      labels: JSON.parse('{"star":1,"__proto__":1}') as unknown,
      prefixes: { 'detect star ; __proto__': 2, 'caption en': 1 },
      drafts: 1,
    });
    const { max, p50, p99 } = tokens as Record<string, number>;
    assert.ok(max! >= p99! && p99! >= p50! && p50! > 2);
  });

  test('names lines that are none, reads the others, and ends with 1', async () => {
    const file = write('broken.jsonl', `${jsonl(good)}{"image":"a.png","pre\n\0\n7\n`);
    const result = await data('stats', file);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /broken\.jsonl, line 3: The line is no JSON\./);
    assert.match(result.stdout, /^lines\t2$/m);
    assert.equal((await data('stats')).code, 2);
    assert.equal((await data('stats', 'missing.jsonl')).code, 1);
    assert.equal((await data('count', file)).code, 2);
  });
});

describe('paligemma data convert', () => {
  for (
    const form of ['coco', 'yolo', 'voc', 'roboflow', 'maestro', 'imagefolder', 'messages', 'sharegpt', 'csv'] as const
  ) {
    test(`writes ${form}, and reads it again with the same boxes`, async () => {
      const file = write(`to-${form}.jsonl`, jsonl(good));
      const out = { coco: 'c.json', messages: 'm.jsonl', sharegpt: 's.json', csv: 'x.csv' }[form as string]
        ?? `${form}-set`;
      const written = await data('convert', file, out, '--to', form);
      assert.equal(written.code, 0, written.stderr);
      const again = await data(
        'convert',
        out,
        `back-${form}.jsonl`,
        ...form === 'voc' ? ['--classes', write('names.txt', 'star\n__proto__\n')] : [],
      );
      assert.equal(again.code, 0, again.stderr);
      const back = lines(`back-${form}.jsonl`);
      assert.deepEqual(back.map(({ prefix }) => prefix), good.map(({ prefix }) => prefix));
      const bins = (suffix: unknown) => [...String(suffix).matchAll(/<loc(\d{4})>/g)].map(([, bin]) => Number(bin));
      back.forEach(({ suffix }, index) => {
        const expected = bins(good[index]?.suffix);
        assert.equal(bins(suffix).length, expected.length);
        // Whole pixels are coarser than bins on these pictures.
        bins(suffix).forEach((bin, at) =>
          assert.ok(Math.abs(bin - expected[at]!) <= (form === 'voc' ? 2 : 0), String(suffix))
        );
      });
      for (const { image } of back) assert.ok(existsSync(path.resolve(folder.at('set'), String(image))), String(image));
    });
  }

  test('random boxes come back from every form within half a bin, from VOC within a pixel', async () => {
    let state = 7;
    const random = () => (state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0) / 2 ** 32;
    const pictures = [{ id: 1, file_name: 'a.png', ...a }, { id: 2, file_name: 'b.png', ...b }];
    const annotations = pictures.flatMap(({ id, width, height }) =>
      Array.from({ length: 40 }, () => {
        const [x, y] = [random() * (width - 4), random() * (height - 4)];
        const bbox = [x, y, 3 + random() * (width - x - 3), 3 + random() * (height - y - 3)];
        return { image_id: id, category_id: 1, bbox };
      })
    ).map((annotation, index) => ({ id: index + 1, ...annotation }));
    const file = write('random.json', { images: pictures, categories: [{ id: 1, name: 'star' }], annotations });
    const forms = [
      ...[['coco', 'r.json'], ['yolo', 'r-yolo'], ['voc', 'r-voc'], ['jsonl', 'r.jsonl'], ['csv', 'r.csv']],
      ...[['messages', 'r-messages.jsonl'], ['sharegpt', 'r-sharegpt'], ['imagefolder', 'r-images']],
    ];
    for (const [form = '', out = ''] of forms) {
      const place = form === 'sharegpt' ? `${out}.json` : out;
      assert.equal((await data('convert', file, place, '--to', form)).code, 0, form);
      const again = await data('convert', place, `back-${out}.json`, '--to', 'coco');
      assert.equal(again.code, 0, again.stderr);
      const back = JSON.parse(readFileSync(folder.at(`set/back-${out}.json`), 'utf8')) as {
        readonly images: readonly { readonly id: number; readonly width: number; readonly height: number }[];
        readonly annotations: readonly { readonly image_id: number; readonly bbox: readonly number[] }[];
      };
      const sidesOf = ([x = 0, y = 0, width = 0, height = 0]: readonly number[]) => [x, y, x + width, y + height];
      const boxes = (set: typeof back | { images: typeof pictures; annotations: typeof annotations }) =>
        set.images.map(({ id, width, height }) => ({
          width,
          height,
          boxes: set.annotations.filter(each => each.image_id === id).map(({ bbox }) => sidesOf(bbox)),
        })).sort((first, second) => first.height - second.height);
      const expected = boxes({ images: pictures, annotations });
      boxes(back).forEach(({ width, height, boxes: found }, index) => {
        assert.equal(found.length, 40, form);
        // Numbers are written with two digits of a pixel.
        const most = [width, height].map(side => form === 'voc' ? 1 : side / 1023 / 2 + 0.02);
        found.forEach((sides, box) =>
          sides.forEach((side, at) => {
            const off = Math.abs(side - (expected[index]?.boxes[box]?.[at] ?? Number.NaN));
            assert.ok(off <= (most[at % 2] ?? 0), `${form}: ${off} at ${box}`);
          })
        );
      });
    }
  });

  test('COCO: masks become codes, codes masks; a picture with a wrong annotation is left out, unless it is wanted', async () => {
    const file = write('coco-in.json', {
      annotations: [
        {
          id: 1,
          image_id: 7,
          category_id: 3,
          bbox: [64, 81.4, 128, 162.8],
          segmentation: [[64, 81.4, 192, 81.4, 192, 244.2, 64, 244.2]],
        },
        { id: 2, image_id: 8, category_id: 3, bbox: [600, 500, 100, 20] },
        { id: 3, image_id: 8, category_id: 4, bbox: [0, 0, 64, 57.7], segmentation: { size: [577, 640], counts: [1] } },
        { id: 4, image_id: 8, category_id: 3, bbox: [0, 0, 64, 57.7], iscrowd: 1 },
        { id: 5, image_id: 9, category_id: 3, bbox: [0, 0, 1, 1] },
      ],
      images: [{ id: 7, file_name: 'a.png', ...a }, { id: 8, file_name: 'b.png', ...b }, {
        id: 8,
        file_name: 'c.png',
        ...b,
      }],
      categories: [{ id: 3, name: 'star' }, { id: 4, name: 'moon' }],
    });
    const result = await data('convert', file, 'seg.jsonl', '--mask-codec', codec, '--json');
    assert.equal(result.code, 1);
    const refused = objectsOf(result).map(({ place }) => place);
    assert.deepEqual(refused, ['picture 8', 'picture 9', 'annotation 3', 'annotation 2', 'picture 8', undefined]);
    assert.deepEqual(objectsOf(result).at(-1)?.['remarks'], { partial: 1 });
    const [first, ...others] = lines('seg.jsonl');
    assert.match(String(first?.['suffix']), /^<loc0102><loc0102><loc0307><loc0307>(?:<seg\d{3}>){16} star$/);
    assert.deepEqual([first?.['prefix'], others], ['segment star ; moon', []]);
    const partial = await data('convert', file, 'partial.jsonl', '--keep-partial', '--json');
    assert.equal(partial.code, 1);
    assert.deepEqual(objectsOf(partial).at(-1)?.['remarks'], { maskLeftOut: 1, crowd: 1 });
    assert.deepEqual(lines('partial.jsonl').map(({ suffix }) => suffix), [
      '<loc0102><loc0102><loc0307><loc0307> star',
      '',
    ]);
    assert.equal((await data('convert', 'seg.jsonl', 'seg-back.json', '--mask-codec', codec)).code, 0);
    const back = JSON.parse(readFileSync(folder.at('set/seg-back.json'), 'utf8')) as {
      annotations: { segmentation: { size: unknown } }[];
    };
    assert.deepEqual(back.annotations[0]?.segmentation.size, [a.height, a.width]);
  });

  for (const [form, place] of [['yolo', 'bad-yolo'], ['voc', 'bad-voc'], ['coco', 'bad.json']] as const) {
    test(`${form}: of a picture with a wrong box nothing is written, and the picture is named`, async () => {
      mkdirSync(folder.at(`set/in-${form}/labels`), { recursive: true });
      mkdirSync(folder.at(`set/in-${form}/images`));
      for (const name of ['a.png', 'b.png']) {
        copyFileSync(folder.at(`set/${name}`), folder.at(`set/in-${form}/images/${name}`));
      }
      write(`in-${form}/classes.txt`, 'star\n');
      write(`in-${form}/labels/a.txt`, '0 0.5 0.5 0.1 0.1\n');
      write(`in-${form}/labels/b.txt`, '0 0.5 0.5 0.1 0.1\n0 0.5 0.5 nine 0.1\n');
      const result = await data('convert', `in-${form}`, place, '--to', form);
      assert.equal(result.code, 1);
      assert.match(result.stderr, /images\/b\.png: The picture was left out: of its annotations 1 cannot be taken\./);
      assert.match(result.stderr, /1 pictures were left out, .*--keep-partial/);
      const back = await data('convert', place, `bad-${form}.jsonl`);
      assert.equal(back.code, 0, back.stderr);
      assert.deepEqual(lines(`bad-${form}.jsonl`).map(({ image }) => path.basename(String(image))), ['a.png']);
    });
  }

  test('labels that are there and cannot be read are no picture of nothing', async () => {
    mkdirSync(folder.at('set/in-odd/labels/a.txt'), { recursive: true });
    mkdirSync(folder.at('set/in-odd/images'));
    for (const name of ['a.png', 'b.png']) {
      copyFileSync(folder.at(`set/${name}`), folder.at(`set/in-odd/images/${name}`));
    }
    write('in-odd/classes.txt', 'star\n');
    write('in-odd/labels/b.txt', '0 0.5 0.5 0.1 0.1\n');
    const result = await data('convert', 'in-odd', 'odd.jsonl');
    assert.match(result.stderr, /labels\/a\.txt: The labels cannot be read\./);
    assert.equal(lines('odd.jsonl').length, 1);
  });

  test('a set that comes to no end says what stays, and leaves no half of a file', async () => {
    const file = write(
      'cut-list.json',
      JSON.stringify([{
        conversations: [{ from: 'human', value: '<image>caption en' }, { from: 'gpt', value: 'a dog' }],
        images: ['a.png'],
      }]).replace(/\]$/, ', {"conv'),
    );
    const result = await data('convert', file, 'cut-set', '--to', 'imagefolder');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /1 file stays of what was begun: cut-set\./);
    assert.deepEqual(readdirSync(folder.at('set/cut-set')), ['a.png']);
  });

  test('a table with pictures in it becomes files of safe names, each of the kind that it is', async () => {
    copyFileSync(path.resolve('test/fixtures/parquet/pictures.parquet'), folder.at('set/pictures.parquet'));
    mkdirSync(folder.at('set/from-table/pictures'), { recursive: true });
    write('from-table/pictures/two.jpg', 'mine');
    const result = await data('convert', 'pictures.parquet', 'from-table/out.jsonl');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /row 2: .*two\.jpg is there already\./);
    assert.match(result.stderr, /row 7: The bytes of the picture are of no kind/);
    assert.deepEqual(lines('from-table/out.jsonl').map(({ image, suffix }) => [image, suffix]), [
      ['pictures/one.png', 'picture 1'],
      ['pictures/one.jpg', 'picture 3'],
      ['pictures/pictures-4-1.jpg', 'picture 4'],
      ['pictures/four.png', 'picture 5'],
      ['pictures/pictures-6-1.png', 'picture 6'],
    ]);
    assert.equal(readFileSync(folder.at('set/from-table/pictures/two.jpg'), 'utf8'), 'mine');
    assert.equal(lines('from-table/out.jsonl')[0]?.['source'], 'random');
  });

  test('what the form cannot hold is refused by its line', async () => {
    const file = write(
      'mixed.jsonl',
      jsonl([
        ...good,
        { image: 'a.png', prefix: 'caption en', suffix: 'a dog' },
        { image: ['a.png', 'b.png'], prefix: 'detect star', suffix: '' },
        { image: '//other/share/a.png', prefix: 'detect star', suffix: '' },
        { image: 'https://example.org/a.png', prefix: 'detect star', suffix: '' },
      ]),
    );
    const result = await data('convert', file, 'mixed-yolo', '--to', 'yolo');
    assert.equal(result.code, 1);
    for (const number of [3, 4, 5, 6]) assert.match(result.stderr, new RegExp(`mixed\\.jsonl, line ${number}: `));
    assert.match(result.stderr, /4 refused; the rest was written\./);
    assert.deepEqual(readdirSync(folder.at('set/mixed-yolo/labels')).sort(), ['a.txt', 'b.txt']);
  });

  test('several pictures of a line stay together', async () => {
    const file = write('two.jsonl', jsonl([{ image: ['a.png', 'b.png'], prefix: 'answer en same?', suffix: 'no' }]));
    assert.equal((await data('convert', file, 'two-messages.jsonl', '--to', 'messages')).code, 0);
    assert.deepEqual(lines('two-messages.jsonl')[0], {
      messages: [{ role: 'user', content: '<image><image>answer en same?' }, { role: 'assistant', content: 'no' }],
      images: ['a.png', 'b.png'],
    });
    assert.equal((await data('convert', 'two-messages.jsonl', 'two-back.jsonl')).code, 0);
    assert.deepEqual(lines('two-back.jsonl')[0], {
      image: ['a.png', 'b.png'],
      prefix: 'answer en same?',
      suffix: 'no',
    });
  });

  test('nothing is written over what is there, nor over what is read', async () => {
    const file = write('over.jsonl', jsonl(good));
    write('there.json', 'mine');
    assert.equal((await data('convert', file, 'there.json')).code, 1);
    assert.equal(readFileSync(folder.at('set/there.json'), 'utf8'), 'mine');
    assert.equal((await data('convert', file, file, '--existing', 'overwrite')).code, 1);
    assert.equal((await data('convert', file, 'there.json', '--existing', 'overwrite')).code, 0);
    assert.equal((await data('convert', file, 'x.txt')).code, 1);
    assert.equal((await data('convert', file, 'x.txt', '--to', 'word')).code, 2);
    assert.equal((await data('convert', file)).code, 2);
  });

  for (
    const [name, content] of [
      ['cut.json', '{"images":[{"id":1'],
      ['noise.parquet', 'PAR1 not really PAR1'],
      ['open.csv', `file_name,prefix,suffix\n"${'a'.repeat(20 << 20)}`],
    ] as const
  ) {
    test(`${name} is refused with a sentence, and nothing is left`, async () => {
      const result = await data('convert', write(name, content), `${name}.jsonl`);
      assert.equal(result.code, 1);
      assert.match(result.stderr, /cannot be read as a data set/);
      assert.ok(!readdirSync(folder.at('set')).some(file => file.startsWith(`${name}.jsonl`)));
    });
  }
});

describe('paligemma data split', () => {
  test('copies stay together, lines keep their bytes, and a seed gives one split', async () => {
    mkdirSync(folder.at('set/copies'));
    copyFileSync(folder.at('set/a.png'), folder.at('set/copies/same.png'));
    const id = '0123456789abcdef0123456789abcdef';
    const images = ['a.png', 'copies/same.png', 'b.png', `x_png.rf.${id}.png`, `x_png.rf.${id.replace('0', 'f')}.png`];
    const written = images.map(image => `{"image" : "${image}",  "prefix":"caption en","suffix":"x"}`);
    const file = write('all.jsonl', `\ufeff${written.join('\r\n')}\r\n`);
    const result = await data('split', file, '--parts', 'train=0.6,valid=0.4', '--seed', '3');
    assert.equal(result.code, 0, result.stderr);
    const parts = ['train', 'valid'].map(part => readFileSync(folder.at(`set/all.${part}.jsonl`), 'utf8'));
    assert.deepEqual(
      parts.flatMap(part => part.replace('\ufeff', '').split('\r\n').filter(line => line !== '')).sort(),
      [...written].sort(),
    );
    for (const together of [['"a.png"', 'same.png'], ['rf.0', 'rf.f']]) {
      assert.ok(parts.some(part => together.every(name => part.includes(name))), together.join());
    }
    assert.ok(parts.every(part => part.lastIndexOf('\ufeff') === 0));
    assert.equal((await data('split', file, '--parts', 'train=0.6,valid=0.4', '--seed', '3')).code, 1);
    assert.equal(
      (await data('split', file, '--parts', 'train=0.6,valid=0.4', '--seed', '3', '--existing', 'overwrite')).code,
      0,
    );
    assert.equal(readFileSync(folder.at('set/all.train.jsonl'), 'utf8'), parts[0]);
  });

  test('paths of pictures are right from another folder, and parts have to add up', async () => {
    const file = write('moved.jsonl', jsonl(good));
    assert.equal((await data('split', file, '--parts', 'train=0.5,valid=0.5', '--out', 'elsewhere')).code, 0);
    const [line] = lines('elsewhere/moved.train.jsonl');
    assert.match(String(line?.['image']), /^\.\.\/[ab]\.png$/);
    for (const parts of ['train=0.5', 'train=0.5,valid=0.6', 'train=1', '../x=0.5,b=0.5', '']) {
      assert.equal((await data('split', file, '--parts', parts)).code, 2, parts);
    }
  });
});

describe('paligemma data draft', () => {
  test('writes a line for each picture and prompt, marked as a draft, and goes on where it stopped', async () => {
    const demo = withDemoModel(folder.at('demo-cache'));
    const run = (...words: readonly string[]) =>
      runCommand(['data', 'draft', '.', 'draft.jsonl', '--model', 'demo', ...words], {
        cache: demo,
        cwd: folder.at('pictures'),
      });
    mkdirSync(folder.at('pictures'));
    for (const name of ['b.png', 'a.png']) copyFileSync(folder.at(`set/${name}`), folder.at(`pictures/${name}`));
    const first = await run('--prompt', 'caption en', '--prompt', 'detect star');
    assert.equal(first.code, 0, first.stderr);
    const written = readFileSync(folder.at('pictures/draft.jsonl'), 'utf8');
    assert.deepEqual(
      written.trimEnd().split('\n').map(line => JSON.parse(line) as Record<string, unknown>).map((
        { image, prefix, draft },
      ) => [image, prefix, draft]),
      [['a.png', 'caption en', true], ['b.png', 'caption en', true], ['a.png', 'detect star', true], [
        'b.png',
        'detect star',
        true,
      ]],
    );
    assert.equal((await run('--prompt', 'caption en')).code, 0);
    assert.equal(readFileSync(folder.at('pictures/draft.jsonl'), 'utf8'), written);
    assert.equal((await run()).code, 2);
  });
});
