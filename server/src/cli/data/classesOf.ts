import type { CancellationToken } from 'vscode-jsonrpc/node';
import { plainLine } from '../../../../paligemma/src/plainText';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import type { SetSource } from '../../dataSets/sources/source';

/** One that has more different labels holds texts. */
const MOST_CLASSES = 100_000;

/**
 * One list of classes for whole data sets: those that were given, those that the sets list, then those that their objects have,
 * in the order in which they come. Sets without a list are read for it.
 * @throws Failure; CancelledError.
 */
export async function classesOf(
  sources: readonly SetSource[],
  known: readonly string[],
  token: CancellationToken,
): Promise<readonly string[]> {
  const classes = new Set(known.map(plainLine));
  const add = (name: string) => {
    if (classes.size < MOST_CLASSES && name !== '') classes.add(plainLine(name));
  };
  for (const source of sources) {
    const listed = await source.classes(token);
    listed.forEach(add);
    if (listed.length > 0 || !hasObjects(source)) continue;
    for await (const { entry } of source.items(token)) {
      if (entry?.kind === 'objects') entry.objects.forEach(({ label }) => add(label));
    }
  }
  return [...classes];
}

/** The labels that lines of text name, in the same way. */
export async function labelsInText(
  sources: readonly SetSource[],
  known: readonly string[],
  token: CancellationToken,
): Promise<readonly string[]> {
  const classes = new Set(known);
  for (const source of sources.filter(each => !hasObjects(each))) {
    for await (const { entry } of source.items(token)) {
      if (entry?.kind !== 'text') continue;
      for (const { label } of parseSuffix(entry.suffix).boxes) {
        if (classes.size < MOST_CLASSES && label !== '') classes.add(plainLine(label));
      }
    }
  }
  return [...classes];
}

export function hasObjects({ form }: SetSource): boolean {
  return form === 'coco' || form === 'yolo' || form === 'voc';
}
