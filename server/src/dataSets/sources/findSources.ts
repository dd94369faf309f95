/** From a word to data sets: which form a file or a folder has, and what of it is read. */
import * as l10n from '@vscode/l10n';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseClasses } from '../../../../paligemma/src/answers/yolo';
import { Failure } from '../../../../paligemma/src/failures';
import { isImagePath } from '../../../../paligemma/src/pictureTypes';
import { readDataYaml, type YoloFacts } from '../../../../datasets/src/forms/yoloText';
import { readPlainText, readStart } from '../../../../system/src/plainFile';
import { statOf } from '../../workspace/filePaths';
import { walkFolder } from '../../workspace/walkFolder';
import { CocoSource } from './cocoSource';
import { VocSource, YoloSource, yoloLabelPath } from './filesSource';
import { splitOf, type SetSource, type SourceForm } from './source';
import { CsvSource, ParquetSource } from './tableSource';
import { JsonListSource, LinesSource } from './textSource';

const limits = { mostFiles: 2_000_000, mostEntries: 8_000_000 } as const;
const MOST_SMALL_BYTES = 4 << 20;
/** Texts of tools that are no labels. */
const notLabels = /^(?:classes|obj|readme.*|notes|labels|train|val|valid|test)\.(?:txt|names)$/i;

/**
 * @param form Undefined: what the name and the content say. @param classes Names by number, where the person gave a list.
 * @throws Failure `fileUnreadable` where nothing can be read there.
 */
export async function findSources(
  place: string,
  form: SourceForm | undefined,
  classes: readonly string[],
): Promise<readonly SetSource[]> {
  const info = await statOf(place);
  if (info === undefined) {
    throw new Failure('fileUnreadable', l10n.t('There is no file and no folder {0}. Check the path.', place));
  }
  const found = info.isDirectory()
    ? await inFolder(place, form, classes)
    : [fileSource(place, form ?? await formOfFile(place))];
  if (found.length > 0) return found;
  throw new Failure(
    'fileUnreadable',
    form === undefined
      ? l10n.t('The folder {0} holds no data set of a known form. Name the form with --from, or its file.', place)
      : l10n.t('The folder {0} holds no data set of the form {1}.', place, form),
  );
}

function fileSource(file: string, form: SourceForm): SetSource {
  const split = splitOf(path.basename(file));
  switch (form) {
    case 'csv':
      return new CsvSource(file, split);
    case 'parquet':
      return new ParquetSource(file, split);
    case 'sharegpt':
      return new JsonListSource(file, split);
    case 'coco':
      return new CocoSource(file, split);
    case 'voc':
      return new VocSource(path.dirname(file), [file], split);
    case 'yolo':
      throw new Failure(
        'fileUnreadable',
        l10n.t('{0} is one file, and YOLO is a folder of them. Name the folder.', file),
      );
    default:
      return new LinesSource(form, file, split);
  }
}

async function formOfFile(file: string): Promise<SourceForm> {
  switch (path.extname(file).toLowerCase()) {
    case '.csv':
      return 'csv';
    case '.parquet':
      return 'parquet';
    case '.xml':
      return 'voc';
    case '.json': {
      const start = (await readStart(file, 64))?.toString('utf8').replace(/^\ufeff/, '').trimStart() ?? '';
      return start.startsWith('[') ? 'sharegpt' : 'coco';
    }
    case '.jsonl':
    case '.ndjson':
      return 'jsonl';
    case '.yaml':
    case '.yml':
      throw new Failure('fileUnreadable', l10n.t('{0} only names the parts of a data set. Name its folder.', file));
    default:
      throw new Failure(
        'fileUnreadable',
        l10n.t('The form of {0} is not known by its name. Name it with --from.', file),
      );
  }
}

async function inFolder(
  folder: string,
  form: SourceForm | undefined,
  classes: readonly string[],
): Promise<readonly SetSource[]> {
  const files = await namedFiles(folder);
  const wants = (each: SourceForm) => form === undefined || form === each;
  for (const { of, pattern, sourceForm } of fileNames) {
    const names = files.filter(name => pattern.test(name));
    if (!wants(of) || names.length === 0) continue;
    return names.map(name => split(fileSource(path.join(folder, name), sourceForm(name)), folder, name));
  }
  if (wants('yolo')) {
    const yolo = await yoloSources(folder, classes, form === 'yolo');
    if (yolo.length > 0) return yolo;
  }
  return wants('voc') ? vocSources(folder) : [];
}

/** Files by whose names a folder is known, the surest first. */
const fileNames: readonly {
  readonly of: SourceForm;
  readonly pattern: RegExp;
  readonly sourceForm: (name: string) => SourceForm;
}[] = [
  { of: 'roboflow', pattern: /(?:^|\/)_annotations\.[^./]+\.jsonl$/, sourceForm: () => 'roboflow' },
  { of: 'maestro', pattern: /(?:^|\/)annotations\.jsonl$/, sourceForm: () => 'maestro' },
  { of: 'coco', pattern: /(?:^|\/)_annotations\.coco\.json$/, sourceForm: () => 'coco' },
  {
    of: 'imagefolder',
    pattern: /(?:^|\/)metadata\.(?:jsonl|csv|parquet)$/,
    sourceForm: name => name.endsWith('.csv') ? 'csv' : name.endsWith('.parquet') ? 'parquet' : 'imagefolder',
  },
  { of: 'parquet', pattern: /\.parquet$/, sourceForm: () => 'parquet' },
  { of: 'coco', pattern: /^annotations\/instances_[^/]+\.json$/, sourceForm: () => 'coco' },
];

/** The same source where the path below the folder says of which split it is. */
function split(source: SetSource, folder: string, name: string): SetSource {
  const found = source.split ?? splitOf(path.dirname(path.join(path.basename(folder), name)));
  if (found === undefined || source.split !== undefined) return source;
  return {
    form: source.form,
    file: source.file,
    split: found,
    classes: token => source.classes(token),
    items: token => source.items(token),
  };
}

/** Of the folder and of the folders in it, with `/`; deeper ones hold pictures. */
async function namedFiles(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory()) {
      names.push(entry.name);
      continue;
    }
    const below = await readdir(path.join(folder, entry.name)).catch(() => []);
    names.push(...below.map(name => `${entry.name}/${name}`));
  }
  return names.sort();
}

async function yoloSources(
  folder: string,
  classes: readonly string[],
  isAsked: boolean,
): Promise<readonly SetSource[]> {
  const { files } = await walkFolder(folder, {
    enters: names => !(names.at(-1) ?? '').startsWith('.'),
    takes: names => isImagePath(names.at(-1) ?? '') || /\.txt$/i.test(names.at(-1) ?? ''),
  }, limits);
  const labels = new Set(files.filter(file => /\.txt$/i.test(file) && !notLabels.test(path.basename(file))));
  const facts = await yoloFacts(folder, classes);
  if (labels.size === 0 && !(isAsked && files.length > 0)) return [];
  if (!isAsked && facts.names.length === 0) return [];
  const [bySplit, known] = [new Map<string | undefined, string[]>(), new Set<string>()];
  for (const picture of files.filter(isImagePath)) {
    known.add(yoloLabelPath(picture));
    const part = splitOf(path.dirname(path.relative(folder, picture)));
    const list = bySplit.get(part);
    if (list === undefined) bySplit.set(part, [picture]);
    else list.push(picture);
  }
  const orphans = [...labels].filter(label => !known.has(label));
  return [...bySplit].map(([part, pictures], index) =>
    new YoloSource(folder, { pictures, orphans: index === 0 ? orphans : [] }, facts, part)
  );
}

/** What the person gave, else what lies in the folder. */
async function yoloFacts(folder: string, classes: readonly string[]): Promise<YoloFacts> {
  const yaml = readDataYaml(
    await readPlainText(path.join(folder, 'data.yaml'), MOST_SMALL_BYTES)
      ?? await readPlainText(path.join(folder, 'dataset.yaml'), MOST_SMALL_BYTES) ?? '',
  );
  if (classes.length > 0) return { ...yaml, names: classes };
  if (yaml.names.length > 0) return yaml;
  for (const name of ['classes.txt', 'labels/classes.txt', 'obj.names']) {
    const text = await readPlainText(path.join(folder, name), MOST_SMALL_BYTES);
    if (text !== undefined) return { ...yaml, names: parseClasses(text) };
  }
  return yaml;
}

async function vocSources(folder: string): Promise<readonly SetSource[]> {
  const { files } = await walkFolder(folder, {
    enters: names => !(names.at(-1) ?? '').startsWith('.'),
    takes: names => /\.xml$/i.test(names.at(-1) ?? ''),
  }, limits);
  const bySplit = new Map<string | undefined, string[]>();
  for (const file of files) {
    const part = splitOf(path.dirname(path.relative(folder, file)));
    const list = bySplit.get(part);
    if (list === undefined) bySplit.set(part, [file]);
    else list.push(file);
  }
  return [...bySplit].map(([part, annotations]) => new VocSource(folder, annotations, part));
}
