import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarkupNode } from '../../../client/src/contract/viewer';
import { drawFormula, readMathml } from '../../../client/src/viewer/latexMarkup';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const draw = (source: string) => drawFormula({ source, isDisplay: true }, t);

function textOf(node: MarkupNode): string {
  return node.children.map(child => typeof child === 'string' ? child : textOf(child)).join('');
}

function nodesOf(node: MarkupNode): MarkupNode[] {
  return [node, ...node.children.flatMap(child => typeof child === 'string' ? [] : nodesOf(child))];
}

test('a formula becomes MathML without the source that stands beside it', () => {
  const { markup, notes } = draw('\\frac{a}{b} < 1');
  assert.equal(notes, undefined);
  assert.deepEqual(markup, {
    tag: 'math',
    attributes: { display: 'block' },
    children: [{
      tag: 'mrow',
      attributes: {},
      children: [
        {
          tag: 'mfrac',
          attributes: {},
          children: [{ tag: 'mi', attributes: {}, children: ['a'] }, { tag: 'mi', attributes: {}, children: ['b'] }],
        },
        { tag: 'mo', attributes: {}, children: ['<'] },
        { tag: 'mn', attributes: {}, children: ['1'] },
      ],
    }],
  });
});

test('matrices, accents and text are drawn, with signs of markup as signs', () => {
  const { markup } = draw('\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\hat{x}\\text{a "b" <i>}');
  assert.ok(markup !== undefined);
  assert.match(textOf(markup).replaceAll('\u00a0', ' '), /1234.*a "b" <i>/);
  assert.equal(nodesOf(markup).filter(({ tag }) => tag === 'mtd').length, 4);
});

test('a formula that is wrong says why, and has no drawing', () => {
  assert.deepEqual(draw('\\frac{a}{'), {
    notes: ["The formula cannot be drawn: Unexpected end of input in a macro argument, expected '}'."],
  });
  assert.match(draw('\\nothing').notes?.[0] ?? '', /Undefined control sequence: \\nothing/);
  assert.deepEqual(draw(''), {});
});

test('a formula links to nothing, loads nothing and has no style', () => {
  const { markup } = draw(
    '\\href{javascript:alert(1)}{a}\\includegraphics{https://example.com/a.png}\\htmlStyle{color:red}{b}',
  );
  assert.ok(markup !== undefined);
  for (const { tag, attributes } of nodesOf(markup)) {
    assert.notEqual(tag, 'a');
    assert.deepEqual(Object.keys(attributes).filter(name => /href|src|style|class|^on/.test(name)), []);
  }
});

test('what is on no list does not come through, whoever has written it', () => {
  const node = readMathml(
    '<span class="katex"><math><mi onclick="x()" mathvariant="bold">a</mi><script>b</script><mspace width="1em"/></math></span>',
  );
  assert.deepEqual(node, {
    tag: 'math',
    attributes: {},
    children: [{ tag: 'mi', attributes: { mathvariant: 'bold' }, children: ['a'] }, 'b', {
      tag: 'mspace',
      attributes: { width: '1em' },
      children: [],
    }],
  });
});

test('a formula that is endless, too long or too deep has an end', () => {
  assert.match(draw('\\def\\a{\\a\\a}\\a').notes?.[0] ?? '', /Too many expansions/);
  assert.deepEqual(draw('x'.repeat(30_000)), { notes: ['The formula is too long to be drawn.'] });
  for (const opening of ['{', '\\sqrt{', '^{']) {
    const { markup, notes } = draw(opening.repeat(2500) + 'x' + '}'.repeat(2500));
    assert.ok(markup === undefined || nodesOf(markup).length < 500);
    assert.ok(markup !== undefined || notes?.[0] === 'The formula is nested too deep to be drawn.', notes?.[0]);
  }
});
