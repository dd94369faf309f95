/** Lines of text as one file, whole or not there. */
import { placeFile, replaceNamedFile } from '../../../../batch/src/disk';
import {
  csvRow,
  exampleLine,
  exampleValue,
  type Example,
  type TextForm,
} from '../../../../datasets/src/forms/exampleText';
import { jsonText } from '../../../../paligemma/src/answers/json';

/** Characters that are held before they are written. */
const BLOCK = 1 << 20;

/**
 * @param examples In their order. @param refuse Is told of one that the form cannot hold, as a sentence.
 * @returns How many were written. @throws RefusedFile, and what `examples` throws, with nothing left behind.
 */
export async function writeTextFile(
  file: string,
  form: TextForm,
  examples: AsyncIterable<{ readonly example: Example; readonly refuse: (message: string) => Promise<void> }>,
  replaces: boolean,
): Promise<number> {
  let written = 0;
  async function* blocks(): AsyncGenerator<string> {
    let block = form === 'csv' ? 'file_name,prefix,suffix\n' : form === 'sharegpt' ? '[' : '';
    for await (const { example, refuse } of examples) {
      const text = textOf(form, example, written === 0);
      if (typeof text === 'string') {
        await refuse(text);
        continue;
      }
      written++;
      block += text.text;
      if (block.length < BLOCK) continue;
      yield block;
      block = '';
    }
    yield form === 'sharegpt' ? `${block}\n]\n` : block;
  }
  if (replaces) await replaceNamedFile(file, blocks());
  else await placeFile(file, blocks(), false);
  return written;
}

function textOf(form: TextForm, example: Example, isFirst: boolean): string | { readonly text: string } {
  if (form === 'csv') return csvRow(example);
  if (form !== 'sharegpt') return exampleLine(form, example);
  const value = exampleValue(form, example);
  return typeof value === 'string' ? value : { text: `${isFirst ? '' : ','}\n${jsonText(value)}` };
}
