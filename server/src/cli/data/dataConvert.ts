/** `paligemma data convert`: data sets of one form as one of another. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { existingChoices } from '../../../../batch/src/forms';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { parseClasses } from '../../../../paligemma/src/answers/yolo';
import { findSources } from '../../dataSets/sources/findSources';
import { sourceForms, type Item, type SetSource } from '../../dataSets/sources/source';
import { EntryObjects } from '../../dataSets/targets/entryObjects';
import { EntryTexts } from '../../dataSets/targets/entryTexts';
import { MaskCodec } from '../../dataSets/targets/maskCodec';
import { CocoTarget, VocTarget, YoloTarget, type ObjectsTarget } from '../../dataSets/targets/objectFiles';
import { PicturePlaces } from '../../dataSets/targets/picturePlaces';
import { checkTarget, formOfTarget, targetForms, targetPart, type TargetPart } from '../../dataSets/targets/targetPlan';
import { writeTextFile } from '../../dataSets/targets/textFile';
import { unwrittenFile } from '../../dataSets/targets/unwrittenFile';
import { readTextInput } from '../pictures/inputs';
import { oneOf, readRunOptions, UsageError } from '../terminal/options';
import { openSession, type Session } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { classesOf, labelsInText } from './classesOf';
import { findMaskCodec } from './findMaskCodec';
import { RefusalNotes } from './refusalNotes';

interface Conversion {
  readonly context: VerbContext;
  readonly notes: RefusalNotes;
  readonly codec: MaskCodec | undefined;
  readonly classes: readonly string[];
  readonly splits: readonly (string | undefined)[];
  readonly replaces: boolean;
  /** Pictures of which some annotations are wrong are written with the right ones. */
  readonly keepsPartial: boolean;
  /** Files that are written, by where they lie. */
  readonly files: Map<string, number>;
}

export async function convertSets(context: VerbContext, words: readonly string[]): Promise<ExitCode> {
  const { values, interrupt: { token } } = context;
  const from = oneOf('from', sourceForms, values.from);
  const existing = oneOf('existing', existingChoices, values.existing);
  if (existing === 'rename') throw new UsageError('--existing of data convert takes overwrite.');
  const named = oneOf('to', targetForms, values.to);
  const out = path.resolve(words.at(-1) ?? '');
  const form = named ?? formOfTarget(out);
  const given = values.classes === undefined
    ? []
    : parseClasses((await readTextInput(values.classes, 'list of classes', token)).text);
  const sources = (await Promise.all(words.slice(0, -1).map(word => findSources(path.resolve(word), from, given))))
    .flat();
  const bySplit = new Map<string | undefined, SetSource[]>();
  for (const source of sources) bySplit.set(source.split, [...bySplit.get(source.split) ?? [], source]);
  const splits = [...bySplit.keys()];
  const parts = splits.map(split => targetPart(out, form, split, splits.length === 1));
  const replaces = existing === 'overwrite';
  await checkTarget(out, parts, sources, replaces);
  const session = openSession(context, readRunOptions({}));
  const notes = new RefusalNotes(context, 'written');
  const files = new Map<string, number>();
  try {
    const classes = await allClasses(sources, given, parts, context);
    const codec = await codecOf(context, session);
    const keepsPartial = values['keep-partial'] === true;
    const conversion: Conversion = { context, notes, codec, classes, splits, replaces, keepsPartial, files };
    let written = 0;
    for (const [index, split] of splits.entries()) {
      const part = parts[index];
      if (part !== undefined) written += await convertPart(bySplit.get(split) ?? [], part, conversion);
    }
    return await tellEnd(context, notes, parts, written);
  } catch (error) {
    tellStaying(context, files);
    throw unwrittenFile(error);
  } finally {
    context.terminal.progress.hide();
    await session.close();
  }
}

/** Only those forms read lines of text for their labels that have numbers for classes. */
async function allClasses(
  sources: readonly SetSource[],
  given: readonly string[],
  parts: readonly TargetPart[],
  { interrupt: { token }, terminal }: VerbContext,
): Promise<readonly string[]> {
  terminal.progress.update({ fraction: 0, text: 'reading the classes' });
  const classes = await classesOf(sources, given, token);
  return parts.some(({ text }) => text === undefined) ? labelsInText(sources, classes, token) : classes;
}

async function codecOf(
  { values, interrupt: { token } }: VerbContext,
  session: Session,
): Promise<MaskCodec | undefined> {
  const file = await findMaskCodec(values['mask-codec'], session.catalog);
  return file === undefined ? undefined : new MaskCodec(session.host, file, token);
}

async function tellEnd(
  { terminal, values }: VerbContext,
  notes: RefusalNotes,
  parts: readonly TargetPart[],
  written: number,
): Promise<ExitCode> {
  const files = parts.map(({ place }) => shownPath(place));
  if (values.json === true) {
    await terminal.print(jsonText({ written, refused: notes.refused, remarks: notes.remarked, files }));
  } else terminal.note(`${written} ${written === 1 ? 'line' : 'lines'} written: ${files.join(', ')}.`);
  if (notes.remarked['maskLeftOut'] !== undefined) {
    terminal.note('Note: --mask-codec FILE, the vae-oid.npz of PaliGemma, turns masks into <seg> tokens and back.');
  }
  return notes.end();
}

/** What a conversion leaves that came to no end. Files that would be half of something are not among them. */
function tellStaying({ terminal }: VerbContext, files: ReadonlyMap<string, number>): void {
  for (const [place, count] of files) {
    if (count === 0) continue;
    terminal.note(`${count} ${count === 1 ? 'file stays' : 'files stay'} of what was begun: ${shownPath(place)}.`);
  }
}

/**
 * Tells what of an item was not taken. A picture that is written without some of its objects teaches that they are not there: it is
 * left out as a whole, unless those are wanted too. @returns Whether it is to be written.
 */
async function isTaken(
  file: string,
  item: Item,
  others: Pick<Item, 'refusals' | 'remarks'> & { readonly said: unknown },
  { notes, keepsPartial }: Conversion,
): Promise<boolean> {
  const refusals = [...item.refusals, ...others.refusals];
  const isPartial = !keepsPartial && item.entry?.kind === 'objects' && others.said !== undefined && refusals.length > 0;
  await notes.take(file, { refusals, remarks: isPartial ? ['partial'] : [...item.remarks, ...others.remarks] });
  if (!isPartial) return others.said !== undefined;
  const message = l10n.t('The picture was left out: of its annotations {0} cannot be taken.', refusals.length);
  await notes.take(file, { refusals: [{ place: item.place, message }], remarks: [] });
  return false;
}

async function convertPart(sources: readonly SetSource[], part: TargetPart, conversion: Conversion): Promise<number> {
  const { text, place } = part;
  if (text === undefined) return convertToObjects(sources, part, conversion);
  const { classes, codec, replaces } = conversion;
  const places = new PicturePlaces(place, part.pictures, replaces);
  try {
    const lines = examples(sources, new EntryTexts(classes, codec), places, conversion);
    const written = await writeTextFile(place, text, lines, replaces);
    addFiles(conversion, place, 1);
    return written;
  } finally {
    addFiles(conversion, places.into, places.copies);
  }
}

function addFiles({ files }: Conversion, place: string, count: number): void {
  files.set(place, (files.get(place) ?? 0) + count);
}

async function* examples(
  sources: readonly SetSource[],
  texts: EntryTexts,
  places: PicturePlaces,
  conversion: Conversion,
): AsyncGenerator<Parameters<typeof writeTextFile>[2] extends AsyncIterable<infer T> ? T : never> {
  const { context: { interrupt: { token }, terminal }, notes } = conversion;
  let count = 0;
  for (const source of sources) {
    const file = shownPath(source.file);
    for await (const item of source.items(token)) {
      if ((++count & 1023) === 0) terminal.progress.update({ fraction: 0, text: `${count} lines` });
      const { said, ...others } = await texts.of(item);
      if (!await isTaken(file, item, { ...others, said }, conversion) || said === undefined) continue;
      const refuse = (message: string) => notes.take(file, { refusals: [{ place: item.place, message }], remarks: [] });
      const images: string[] = [];
      for (const picture of said.pictures) {
        const placed = await places.place(picture);
        if (typeof placed === 'string') await refuse(placed);
        else images.push(placed.written);
      }
      const { prefix, suffix, others: more } = said;
      if (images.length === said.pictures.length) yield { example: { images, prefix, suffix, others: more }, refuse };
    }
  }
}

async function convertToObjects(
  sources: readonly SetSource[],
  part: TargetPart,
  conversion: Conversion,
): Promise<number> {
  const { context: { interrupt: { token } }, notes, codec, classes, replaces } = conversion;
  const target = await objectsTarget(part, sources, conversion);
  const places = new PicturePlaces(
    part.form === 'coco' ? part.place : path.join(part.place, 'index'),
    part.pictures,
    replaces,
  );
  const objects = new EntryObjects(codec);
  let written = 0;
  try {
    for (const source of sources) {
      const file = shownPath(source.file);
      for await (const item of source.items(token)) {
        const { annotated, ...others } = await objects.of(item);
        const told = { ...others, said: annotated };
        if (!await isTaken(file, item, told, conversion) || annotated === undefined) continue;
        const placed = await places.place(annotated.picture);
        if (typeof placed === 'string') {
          await notes.take(file, { refusals: [{ place: item.place, message: placed }], remarks: [] });
          continue;
        }
        const remarks = await target.add(annotated, placed.written, placed.path);
        await notes.take(file, { refusals: [], remarks });
        written++;
      }
    }
    await target.finish(classes);
  } finally {
    addFiles(conversion, part.place, target.files);
    addFiles(conversion, places.into, places.copies);
    await target.close();
  }
  return written;
}

async function objectsTarget(
  { form, place }: TargetPart,
  sources: readonly SetSource[],
  { context: { interrupt: { token } }, classes, splits, replaces }: Conversion,
): Promise<ObjectsTarget> {
  switch (form) {
    case 'yolo':
      return new YoloTarget(place, replaces, classes, splits);
    case 'voc': {
      const [seen, repeated] = [new Set<string>(), new Set<string>()];
      for (const source of sources) {
        for await (const { entry } of source.items(token)) {
          const picture = entry?.kind === 'text' ? entry.pictures[0] : entry?.picture;
          if (picture !== undefined) (seen.has(picture.path) ? repeated : seen).add(picture.path);
        }
      }
      return new VocTarget(place, replaces, repeated);
    }
    default:
      return new CocoTarget(place, replaces, classes);
  }
}
