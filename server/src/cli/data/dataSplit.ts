/** `paligemma data split`: a file of lines in parts, by content, so that no picture has a copy in another part. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { isThere, placeFile, RefusedFile, replaceNamedFile } from '../../../../batch/src/disk';
import { existingChoices } from '../../../../batch/src/forms';
import { relativeTo } from '../../../../batch/src/relativePaths';
import { LineText } from '../../../../datasets/src/lines/lineText';
import { quotedInner } from '../../../../datasets/src/lines/quoted';
import { readSetLine } from '../../../../datasets/src/lines/setLine';
import { dealOut, type Part } from '../../../../datasets/src/splits/shares';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { Failure } from '../../../../paligemma/src/failures';
import { fileLines, type FileLine } from '../../dataSets/fileLines';
import { groupLines, type LineGroups } from '../../dataSets/splits/lineGroups';
import { throwIfCancelled } from '../../util/cancellation';
import { oneOf, readRunOptions, UsageError } from '../terminal/options';
import { openSession } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { RefusalNotes } from './refusalNotes';

const BLOCK = 1 << 20;
const MOST_PARTS = 20;

export async function splitSet(context: VerbContext, [word = '']: readonly string[]): Promise<ExitCode> {
  const { values, terminal, interrupt: { token } } = context;
  const parts = readParts(values.parts);
  const seed = readSeed(values.seed);
  const replaces = oneOf('existing', existingChoices, values.existing) === 'overwrite';
  const file = path.resolve(word);
  const { dir, name, ext } = path.parse(file);
  const folder = values.out === undefined ? dir : path.resolve(values.out);
  const places = parts.map(part => path.join(folder, `${name}.${part.name}${ext}`));
  const taken = replaces ? undefined : places.find(isThere);
  if (taken !== undefined) {
    throw new Failure(
      'fileTaken',
      l10n.t('{0} is there already. Name another place, or add --existing overwrite.', taken),
    );
  }
  const session = openSession(context, readRunOptions({}));
  try {
    const grouped = await groupLines(file, {
      host: session.pictureHost,
      token,
      progress: (done, total) =>
        terminal.progress.update({ fraction: done / total, text: `looking at pictures, ${done} of ${total}` }),
    });
    terminal.progress.hide();
    const dealt = dealOut(grouped.groups, parts, seed);
    const counts: number[] = [];
    for (const [number, place] of places.entries()) {
      throwIfCancelled(token);
      const lines = linesOf(file, place, line => dealt[grouped.groupOfLine[line.number - 1] ?? -1] === number);
      counts.push(await write(place, lines, replaces));
    }
    return await tell(
      context,
      grouped,
      parts.map((part, index) => ({ ...part, place: places[index] ?? '', lines: counts[index] ?? 0 })),
      file,
    );
  } finally {
    terminal.progress.hide();
    await session.close();
  }
}

interface WrittenPart extends Part {
  readonly place: string;
  readonly lines: number;
}

async function tell(
  context: VerbContext,
  { groups, pictures, unseen, unreadable }: LineGroups,
  parts: readonly WrittenPart[],
  file: string,
): Promise<ExitCode> {
  const { terminal, values } = context;
  for (const { name, place, lines } of parts) {
    await terminal.print(
      values.json === true ? jsonText({ part: name, file: place, lines }) : `${name}\t${lines}\t${shownPath(place)}`,
    );
  }
  terminal.note(`${pictures} pictures in ${groups.length} groups, of which each is in one part.`);
  if (unseen > 0) {
    terminal.note(`Note: ${unseen} pictures could not be looked at; their copies are known by name only.`);
  }
  const notes = new RefusalNotes(context, 'written');
  const refusals = unreadable.map(number => ({
    place: l10n.t('line {0}', number),
    message: l10n.t('The line is no example.'),
  }));
  await notes.take(shownPath(file), { refusals, remarks: [] });
  return notes.end();
}

async function write(place: string, lines: AsyncIterable<string>, replaces: boolean): Promise<number> {
  let count = 0;
  async function* blocks(): AsyncGenerator<string> {
    let block = '';
    for await (const line of lines) {
      count++;
      block += line;
      if (block.length < BLOCK) continue;
      yield block;
      block = '';
    }
    yield block;
  }
  try {
    if (replaces) await replaceNamedFile(place, blocks());
    else await placeFile(place, blocks(), false);
  } catch (error) {
    if (!(error instanceof RefusedFile)) throw error;
    throw new Failure('fileUnwritable', l10n.t('“{0}” cannot be written ({1}).', place, error.code ?? ''), {
      cause: error,
    });
  }
  return count;
}

/** The lines of a part with their ends, byte by byte but for the paths of pictures where they are told from another folder. */
async function* linesOf(file: string, place: string, takes: (line: FileLine) => boolean): AsyncGenerator<string> {
  const isMoved = path.dirname(file) !== path.dirname(place);
  let mark = '';
  for await (const line of fileLines(file)) {
    if (line.hasMark) mark = '\ufeff';
    if (line.text === undefined || !takes(line)) continue;
    yield `${mark}${isMoved ? moved(line.text, file, place) : line.text}${line.end || '\n'}`;
    mark = '';
  }
}

/** @param place The file that the line goes to. */
function moved(text: string, file: string, place: string): string {
  const line = readSetLine(text);
  if (!('form' in line)) return text;
  const written = new LineText(text);
  const edits = line.images.flatMap(image => {
    const span = written.span(image);
    if (span === undefined || path.isAbsolute(image.value)) return [];
    return [{ ...span, text: quotedInner(relativeTo(place, path.resolve(path.dirname(file), image.value))) }];
  });
  return edits.sort((a, b) => b.start - a.start)
    .reduce((rest, edit) => rest.slice(0, edit.start) + edit.text + rest.slice(edit.end), text);
}

/** @throws UsageError */
function readParts(value: string | undefined): readonly Part[] {
  const words = (value ?? '').split(',').map(word => word.trim());
  const parts = words.map(word => /^([\w-]{1,40})=(\d*\.?\d+)$/.exec(word)).map(match => ({
    name: match?.[1] ?? '',
    share: Number(match?.[2] ?? Number.NaN),
  }));
  const sum = parts.reduce((total, { share }) => total + share, 0);
  const areTold = parts.every(({ share }) => share > 0) && new Set(parts.map(({ name }) => name)).size === parts.length;
  if (!areTold || parts.length < 2 || parts.length > MOST_PARTS || Math.abs(sum - 1) > 1e-6) {
    throw new UsageError('--parts takes names with shares that add up to 1, such as train=0.8,valid=0.2.');
  }
  return parts;
}

/** @throws UsageError */
function readSeed(value: string | undefined): number {
  if (value === undefined) return 0;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--seed takes a whole number, not "${value}".`);
  return Number(value);
}
