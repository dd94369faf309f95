import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SymbolKind } from 'vscode-languageserver-types';
import type { DocumentSymbol, SelectionRange } from 'vscode-languageserver-types';
import { documentLinks } from '../../../server/src/language/features/documentLinks';
import { documentSymbols } from '../../../server/src/language/features/documentSymbols';
import { foldingRanges } from '../../../server/src/language/features/folding';
import { labelsOf } from '../../../server/src/language/syntax/labels';
import { selectionRanges } from '../../../server/src/language/features/selectionRanges';
import {
  semanticTokenModifiers,
  semanticTokens,
  semanticTokenTypes,
} from '../../../server/src/language/features/semanticTokens';
import { signatureHelp } from '../../../server/src/language/features/signatureHelp';
import { contextWith, parse, parseWithCursor, pt224, textIn } from './promptSupport';
import type { PromptDocument } from '../../../server/src/language/syntax/document';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';

const context = contextWith({ files: { 'a.png': {}, 'shots/*.png': { isGlob: true } } });

function outline(symbols: readonly DocumentSymbol[], indent = ''): string[] {
  return symbols.flatMap(
    symbol => [
      `${indent}${symbol.name} ${symbol.range.start.line}-${symbol.range.end.line}`,
      ...outline(symbol.children ?? [], `${indent}  `),
    ],
  );
}

test('labels of documents, the most frequent first', () => {
  assert.deepEqual(
    labelsOf([parse('detect cup ; plate\nsegment cup\n\\detect fork\ncaption en'), parse('detect red bowl ; , ; cup')]),
    ['cup', 'plate', 'red bowl'],
  );
});

test('outline: models, pictures, prompts', () => {
  const document = parse(
    'ocr\n@model m\n@set device cpu\n@image a.png, b.png\ncaption en\n  => x\n\n@image c.png\n""\n@model n\ndetect cup',
  );
  assert.deepEqual(outline(documentSymbols(document)), [
    'ocr 0-0',
    'm 1-8',
    '  a.png and 1 more 3-5',
    '    caption en 4-5',
    '  c.png 7-8',
    '    "" 8-8',
    'n 9-10',
    '  detect cup 10-10',
  ]);
  assert.equal(documentSymbols(document)[0]?.kind, SymbolKind.Function);
});

test('outline: selections lie inside of their ranges, names are never empty', () => {
  const check = (symbols: readonly DocumentSymbol[]) => {
    for (const symbol of symbols) {
      const { range, selectionRange } = symbol;
      assert.ok(
        symbol.name !== '' && selectionRange.start.line >= range.start.line
          && selectionRange.end.line <= range.end.line,
      );
      if (selectionRange.end.line === range.end.line) assert.ok(selectionRange.end.character <= range.end.character);
      check(symbol.children ?? []);
    }
  };
  check(documentSymbols(parse('@model\n@image\n""\n\\\n@image ,\na\\\nb\n  => c')));
});

test('comments, regions and the parts under a directive can be folded', () => {
  const document = parse(
    '# one\n# two\n@model m\n@image a.png\ncaption en\n\n# about b\n@image b.png\nocr\n  => x\n# region r\n# endregion\n',
  );
  assert.deepEqual(
    foldingRanges(document).map(range =>
      `${range.startLine}-${range.endLine}${range.kind === undefined ? '' : ` ${range.kind}`}`
    ).sort(),
    ['0-1 comment', '10-11 region', '2-9', '3-4', '7-9', '8-9'],
  );
});

test('links: files, not globs; published models', () => {
  const document = parse(
    '@image a.png, shots/*.png, "b #1 50%.png"\n@model google/paligemma2-3b-pt-224\n@model ./mine',
  );
  const links = documentLinks(document, { ...context, images: () => undefined });
  assert.deepEqual(links.map(link => [textIn(document, link.range), link.target]), [
    ['a.png', 'file:///workspace/prompts/a.png'],
    ['"b #1 50%.png"', 'file:///workspace/prompts/b%20%231%2050%25.png'],
    ['google/paligemma2-3b-pt-224', 'https://huggingface.co/google/paligemma2-3b-pt-224'],
  ]);
});

test('signature help follows the parameters', () => {
  const active = (text: string) => {
    const { document, position } = parseWithCursor(text);
    const help = signatureHelp(document, position, context);
    return help === undefined ? undefined : [help.signatures[help.activeSignature ?? 0]?.label, help.activeParameter];
  };
  assert.deepEqual(active('answer |'), ['answer {language} {question}', 0]);
  assert.deepEqual(active('answer en|'), ['answer {language} {question}', 0]);
  assert.deepEqual(active('answer en |'), ['answer {language} {question}', 1]);
  assert.deepEqual(active('answer en what| is'), ['answer {language} {question}', 1]);
  assert.deepEqual(active('detect a ; |'), ['detect {object} ; {object}', 0]);
  assert.deepEqual(active('caption <loc|'), ['caption {box}', 0]);
  for (const text of ['ans|wer en', 'ocr |', 'what |', '\\answer en |', '@image |', '# answer |']) {
    assert.equal(active(text), undefined, text);
  }
});

test('parameter labels occur in the label of their signature', () => {
  for (const text of ['answer |', 'question |', 'detect |', 'segment |', 'caption |', 'cap |', 'describe |']) {
    const { document, position } = parseWithCursor(text);
    for (const signature of signatureHelp(document, position, context)?.signatures ?? []) {
      for (const parameter of signature.parameters ?? []) {
        assert.ok(signature.label.includes(parameter.label as string));
      }
    }
  }
});

function grown(text: string): string[] {
  const { document, position } = parseWithCursor(text);
  const texts: string[] = [];
  for (
    let range: SelectionRange | undefined = selectionRanges(document, [position])[0];
    range !== undefined;
    range = range.parent
  ) texts.push(textIn(document, range.range));
  return texts;
}

test('the selection grows from the word to the file', () => {
  const section = '@image a.png\ndetect red cup ; plate\n  => x';
  assert.deepEqual(grown('# c\n@image a.png\ndetect red c|up ; plate\n  => x'), [
    'cup',
    'red cup',
    'red cup ; plate',
    'detect red cup ; plate',
    'detect red cup ; plate\n  => x',
    section,
    `# c\n${section}`,
  ]);
  assert.deepEqual(grown('@image a.png, b|.png'), ['b.png', 'a.png, b.png', '@image a.png, b.png']);
});

function tokens(document: PromptDocument, given: LanguageContext = context): string[] {
  const data = semanticTokens(document, given);
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [deltaLine, deltaStart, length, type, bits] = data.slice(at, at + 5) as [
      number,
      number,
      number,
      number,
      number,
    ];
    line += deltaLine;
    character = deltaLine === 0 ? character + deltaStart : deltaStart;
    const text = document.lines[line]?.text.slice(character, character + length);
    const modifiers = semanticTokenModifiers.filter((_, index) => bits & 1 << index);
    found.push([text, semanticTokenTypes[type], ...modifiers].join(' '));
  }
  return found;
}

test('semantic tokens say what things mean', () => {
  assert.deepEqual(
    tokens(
      parse('# c\n@image a.png, no.png\n@set device GPU\ndetect cup ; plate\n  => <loc0001> cup\ncaption de\\\nmore'),
    ),
    [
      '# c comment',
      '@image decorator',
      'a.png string',
      'no.png string unresolved',
      '@set decorator',
      'device property',
      'GPU enumMember unresolved',
      'detect keyword',
      'cup variable',
      '; operator',
      'plate variable',
      '=> operator expected',
      '<loc0001> number expected',
      ' cup string expected',
      'caption keyword',
      'de enumMember',
      '\\ operator',
    ],
  );
});

test('semantic tokens know the checkpoint', () => {
  assert.deepEqual(tokens(parse('cap en\nhello world')), ['cap keyword unresolved', 'en enumMember']);
  assert.deepEqual(tokens(parse('cap en\nhello world'), { ...context, defaultModel: pt224.id }), [
    'cap keyword',
    'en enumMember',
    'hello keyword unresolved',
  ]);
});

test('semantic tokens of a range, and in UTF-8', () => {
  const document = parse('ocr\ndetect é ; b\nocr');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
  assert.deepEqual(semanticTokens(document, context, range), [
    1,
    0,
    6,
    2,
    0,
    0,
    7,
    1,
    4,
    0,
    0,
    2,
    1,
    6,
    0,
    0,
    2,
    1,
    4,
    0,
  ]);
  assert.deepEqual(semanticTokens(document, context, range, 'utf-8'), [
    1,
    0,
    6,
    2,
    0,
    0,
    7,
    2,
    4,
    0,
    0,
    3,
    1,
    6,
    0,
    0,
    2,
    1,
    4,
    0,
  ]);
});
