import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageLinkLanguages } from '../../../server/src/contract/imageLinks';
import { hasImageLinks, imageLinks } from '../../../server/src/imageLinks/imageLinks';
import { atCursor, written } from './cursor';

/**
 * Text with cursor, target and alt text found there, and the whole text after "a cat" was written; the last two are
 * left out where there is no link, or no place for alt text.
 */
type Row = readonly [text: string, target: string | undefined, alt?: string | undefined, after?: string | undefined];

const tables: Readonly<Record<string, readonly Row[]>> = {
  markdown: [
    ['see ![|](a.png) there', 'a.png', undefined, 'see ![a cat](a.png) there'],
    ['![old|](a.png)', 'a.png', 'old', '![a cat](a.png)'],
    ['![](|a.png)', 'a.png', undefined, '![a cat](a.png)'],
    ['![](a.png)|', 'a.png', undefined, '![a cat](a.png)'],
    ['![   |](a.png)', 'a.png', undefined, '![a cat](a.png)'],
    [
      '![](|<my picture (1).png> "A title")',
      'my picture (1).png',
      undefined,
      '![a cat](<my picture (1).png> "A title")',
    ],
    ["![x](|my%20picture.png 't')", 'my%20picture.png', 'x', "![a cat](my%20picture.png 't')"],
    ['![x](|a(1)(2).png)', 'a(1)(2).png', 'x', '![a cat](a(1)(2).png)'],
    ['![x](|a\\(1.png)', 'a(1.png', 'x', '![a cat](a\\(1.png)'],
    ['![x](|a.png =100x200)', 'a.png', 'x', '![a cat](a.png =100x200)'],
    ['![x](|  a.png\n "title")', 'a.png', 'x', '![a cat](  a.png\n "title")'],
    ['![a \\[b\\] *c* &amp; d|](a.png)', 'a.png', 'a [b] *c* & d', '![a cat](a.png)'],
    ['![a [nested] one|](a.png)', 'a.png', 'a [nested] one', '![a cat](a.png)'],
    ['![a `]` b|](a.png)', 'a.png', 'a `]` b', '![a cat](a.png)'],
    ['[![in a link|](a.png)](page.html)', 'a.png', 'in a link', '[![a cat](a.png)](page.html)'],
    ['![one](1.png)![two|](2.png)', '2.png', 'two', '![one](1.png)![a cat](2.png)'],
    ['![old|][ref]\n\n[ref]: <a b.png> "t"', 'a b.png', 'old', '![a cat][ref]\n\n[ref]: <a b.png> "t"'],
    ['![|][REF]\n\n[ref]: a.png', 'a.png', undefined, '![a cat][REF]\n\n[ref]: a.png'],
    ['![My  Ref|][]\n\n[my ref]: a.png', 'a.png', 'My  Ref', '![a cat][My  Ref]\n\n[my ref]: a.png'],
    ['![ref|]\n\n[ref]: a.png', 'a.png', 'ref', '![a cat][ref]\n\n[ref]: a.png'],
    ['![x][ref]\n\n[ref]: |a.png', 'a.png', 'x', '![a cat][ref]\n\n[ref]: a.png'],
    ['![|nothing][missing]', undefined],
    ['[text](pic|ture.png)', 'picture.png', undefined],
    ['[text](pa|ge.html)', undefined],
    ['<img src="a.png"|>', 'a.png', undefined, '<img src="a.png" alt="a cat">'],
    ["<p>\n<img alt='old|' src='a.png' />\n</p>", 'a.png', 'old', "<p>\n<img alt='a cat' src='a.png' />\n</p>"],
    ['`![x](|a.png)`', undefined],
    ['`` ` ![x](|a.png) ``', undefined],
    ['a ` b\n\n![x|](a.png) `', 'a.png', 'x', 'a ` b\n\n![a cat](a.png) `'],
    ['```\n![x](|a.png)\n```', undefined],
    ['~~~ md\n```\n![x](|a.png)\n~~~\n', undefined],
    ['```\ncode\n```\n![x|](a.png)', 'a.png', 'x', '```\ncode\n```\n![a cat](a.png)'],
    ['> ```\n> ![x](|a.png)\n', undefined],
    ['> ```\n> code\n\n![x|](a.png)', 'a.png', 'x', '> ```\n> code\n\n![a cat](a.png)'],
    ['- item\n\n  ```\n  ![x](|a.png)\n  ```', undefined],
    ['text\n\n    ![x](|a.png)\n', undefined],
    ['- item\n\n    ![x|](a.png)\n', 'a.png', 'x', '- item\n\n    ![a cat](a.png)\n'],
    ['<!-- ![x](|a.png) -->', undefined],
    ['---\nimage: ![x](|a.png)\n---\n', undefined],
    ['\\![x](|a.png)', 'a.png', undefined],
    ['![x](|a.png', undefined],
    ['![x\n\ny](|a.png)', undefined],
    ['¦ ![|](a.png) ¦ b ¦', 'a.png', undefined, '| ![a cat](a.png) | b |'],
    ['if a <b then ![x|](a.png) > c', 'a.png', 'x', 'if a <b then ![a cat](a.png) > c'],
    ['a\r\n![|](a.png)\r\n', 'a.png', undefined, 'a\r\n![a cat](a.png)\r\n'],
    ['שלום ![ישן|](תמונה.png) עולם', 'תמונה.png', 'ישן', 'שלום ![a cat](תמונה.png) עולם'],
    ['👩‍👩‍👧 ![|](写真.png)', '写真.png', undefined, '👩‍👩‍👧 ![a cat](写真.png)'],
  ],
  mdx: [
    [
      'import x from "./x.png"\n\n<Image src="a.png"| />',
      'a.png',
      undefined,
      'import x from "./x.png"\n\n<Image src="a.png" alt="a cat" />',
    ],
    ['![|](a.png)', 'a.png', undefined, '![a cat](a.png)'],
    ['{/* ![x](|a.png) */}', undefined],
    ['    ![x|](a.png)', 'a.png', 'x', '    ![a cat](a.png)'],
  ],
  html: [
    ['<img src="a.png"|>', 'a.png', undefined, '<img src="a.png" alt="a cat">'],
    ['<img src=a.png|/>', 'a.png', undefined, '<img src=a.png alt="a cat"/>'],
    ["<IMG\n  SRC='a b.png'\n|  width=3>", 'a b.png', undefined, "<IMG\n  SRC='a b.png' alt='a cat'\n  width=3>"],
    ['<img src="a.png" alt="|">', 'a.png', '', '<img src="a.png" alt="a cat">'],
    ['<img alt src="a.png"|>', 'a.png', '', '<img alt="a cat" src="a.png">'],
    ['<img alt=old src="a.png"|>', 'a.png', 'old', '<img alt="a cat" src="a.png">'],
    ['<img alt="a &quot;b&quot; &amp; c > d" src="a.png"|>', 'a.png', 'a "b" & c > d', '<img alt="a cat" src="a.png">'],
    ['<img src="a.png?x=1&amp;y=2"|>', 'a.png?x=1&y=2', undefined, '<img src="a.png?x=1&amp;y=2" alt="a cat">'],
    ['<input type="image" src="a.png"|>', 'a.png', undefined, '<input type="image" src="a.png" alt="a cat">'],
    ['<input type="text" src="a.png"|>', undefined],
    ['<!-- <img src="|a.png"> -->', undefined],
    ['<script>const x = \'<img src="|a.png">\'</script>', undefined],
    ['<style>a { background: url(|a.png) }</style>', 'a.png', undefined],
    ['<video poster="|a.jpg"></video>', 'a.jpg', undefined],
    ['<img srcset="a.png 1x, |b.png 2x" src="a.png">', 'b.png', undefined],
    ['<picture><source srcset="|a.avif"><img src="a.png"></picture>', 'a.avif', undefined],
    ['<svg><image href="|a.png"/></svg>', 'a.png', undefined],
    ['<a href="|a.png">x</a>', 'a.png', undefined],
    ['<a href="|a.html">x</a>', undefined],
    ['<img src="a.png|', undefined],
    ['<img src="a.png"| <p>', 'a.png', undefined, '<img src="a.png" alt="a cat" <p>'],
  ],
  vue: [
    [
      '<template>\n  <img src="@/assets/a.png"| />\n</template>',
      '@/assets/a.png',
      undefined,
      '<template>\n  <img src="@/assets/a.png" alt="a cat" />\n</template>',
    ],
    ['<img src="a.png" :alt="title|">', 'a.png', undefined],
    ['<img src="a.png" v-bind:alt="title|">', 'a.png', undefined],
    ['<img :src="|photo">', undefined],
    ['<NuxtImg src="a.png"| />', 'a.png', undefined, '<NuxtImg src="a.png" alt="a cat" />'],
  ],
  svelte: [
    ['<img src="a.png"| {alt}>', 'a.png', undefined],
    ['<img src="a.png" alt={title|}>', 'a.png', undefined],
    ['<img src="a.png" alt="{title|}">', 'a.png', undefined],
    [
      '<img src="a.png" on:click={() => a > b}| />',
      'a.png',
      undefined,
      '<img src="a.png" alt="a cat" on:click={() => a > b} />',
    ],
  ],
  typescriptreact: [
    ['const x = <img src="a.png"| />;', 'a.png', undefined, 'const x = <img src="a.png" alt="a cat" />;'],
    [
      "return (\n  <div>\n    Don't <img src='a.png'| alt=\"old\"/>\n  </div>\n);",
      'a.png',
      'old',
      "return (\n  <div>\n    Don't <img src='a.png' alt=\"a cat\"/>\n  </div>\n);",
    ],
    [
      "return <Image src={\"a.png\"|} alt={'it\\'s'} />",
      'a.png',
      "it's",
      'return <Image src={"a.png"} alt={\'a cat\'} />',
    ],
    [
      'return <Foo.Image src="a.png"| {...rest} />',
      'a.png',
      undefined,
      'return <Foo.Image src="a.png" alt="a cat" {...rest} />',
    ],
    ['return <img src="a.png" alt={title|} />', 'a.png', undefined],
    ['return <img src={logo|} />', undefined],
    [
      'return <Foo icon={<img src="a.png"| />} />',
      'a.png',
      undefined,
      'return <Foo icon={<img src="a.png" alt="a cat" />} />',
    ],
    [
      'return <ul>{list.map(x => <li key={x}><img src="a.png"|/></li>)}</ul>',
      'a.png',
      undefined,
      'return <ul>{list.map(x => <li key={x}><img src="a.png" alt="a cat"/></li>)}</ul>',
    ],
    [
      'return cond && <><img src="a.png"|/></>',
      'a.png',
      undefined,
      'return cond && <><img src="a.png" alt="a cat"/></>',
    ],
    ['// <img src="|a.png" />\n', undefined],
    ['/* <img src="|a.png" /> */', undefined],
    ['const s = \'<img src="|a.png" />\';', undefined],
    ['const s = `<img src="|a.png" />`;', undefined],
    [
      'const s = `${x ? <img src="a.png"| /> : 0}`;',
      'a.png',
      undefined,
      'const s = `${x ? <img src="a.png" alt="a cat" /> : 0}`;',
    ],
    [
      'const r = /"/; const x = <img src="a.png"| />;',
      'a.png',
      undefined,
      'const r = /"/; const x = <img src="a.png" alt="a cat" />;',
    ],
    [
      'const f = <T extends X>(a: T) => a; const x = <img src="a.png"| />;',
      'a.png',
      undefined,
      'const f = <T extends X>(a: T) => a; const x = <img src="a.png" alt="a cat" />;',
    ],
    [
      'const f = <T,>(a: T) => a < 3; const x = <img src="a.png"| />;',
      'a.png',
      undefined,
      'const f = <T,>(a: T) => a < 3; const x = <img src="a.png" alt="a cat" />;',
    ],
    [
      'useState<Image>(null); const x = <img src="a.png"| />;',
      'a.png',
      undefined,
      'useState<Image>(null); const x = <img src="a.png" alt="a cat" />;',
    ],
  ],
  asciidoc: [
    ['image::a.png[|]', 'a.png', undefined, 'image::a.png[a cat]'],
    ['image::a b.png[old, 300, role="x"|]', 'a b.png', 'old', 'image::a b.png[a cat, 300, role="x"]'],
    ['image::a.png["old, with comma"|,300]', 'a.png', 'old, with comma', 'image::a.png[a cat,300]'],
    ['image::a.png[|width=300]', 'a.png', undefined, 'image::a.png[a cat,width=300]'],
    ['image::a.png[width=300,alt=|"old"]', 'a.png', 'old', 'image::a.png[width=300,alt=a cat]'],
    ['image::a.png[|,300]', 'a.png', undefined, 'image::a.png[a cat,300]'],
    ['see image:icons/a.png[old|] here', 'icons/a.png', 'old', 'see image:icons/a.png[a cat] here'],
    ['see image:a.png[a \\] b|] here', 'a.png', 'a ] b', 'see image:a.png[a cat] here'],
    ['see \\image:a.png[|]', undefined],
    ['----\nimage::a.png[|]\n----', undefined],
    ['....\nx\n....\nimage::a.png[|]', 'a.png', undefined, '....\nx\n....\nimage::a.png[a cat]'],
    ['// image::a.png[|]', undefined],
  ],
  restructuredtext: [
    ['.. image:: a.png|\n\ntext', 'a.png', undefined, '.. image:: a.png\n   :alt: a cat\n\ntext'],
    ['.. image:: a.png|\n   :width: 3\n', 'a.png', undefined, '.. image:: a.png\n   :alt: a cat\n   :width: 3\n'],
    [
      '.. figure:: a.png|\n   :width: 3\n   :alt: old\n     goes on\n\n   The caption.\n',
      'a.png',
      'old goes on',
      '.. figure:: a.png\n   :width: 3\n   :alt: a cat\n\n   The caption.\n',
    ],
    ['- .. image:: a.png|\n     :alt:\n', 'a.png', undefined, '- .. image:: a.png\n     :alt: a cat\n'],
    ['.. ¦logo¦ image:: a.png|\r\n', 'a.png', undefined, '.. |logo| image:: a.png\r\n   :alt: a cat\r\n'],
    ['code::\n\n   .. image:: |a.png\n', undefined],
    ['.. code-block:: rst\n\n   .. image:: |a.png\n\nx', undefined],
    [
      '.. note::\n\n   .. image:: a.png|\n',
      'a.png',
      undefined,
      '.. note::\n\n   .. image:: a.png\n      :alt: a cat\n',
    ],
  ],
  latex: [
    ['\\includegraphics{fig/a}|', 'fig/a', undefined, '\\includegraphics[alt={a cat}]{fig/a}'],
    [
      '\\includegraphics[width=\\linewidth]{a.png}|',
      'a.png',
      undefined,
      '\\includegraphics[width=\\linewidth,alt={a cat}]{a.png}',
    ],
    ['\\includegraphics[]{a.png}|', 'a.png', undefined, '\\includegraphics[alt={a cat}]{a.png}'],
    [
      '\\includegraphics[alt={50\\% of {a}},width=3cm]{a.png}|',
      'a.png',
      '50% of {a}',
      '\\includegraphics[alt={a cat},width=3cm]{a.png}',
    ],
    [
      '\\includegraphics[\n  alt = old,\n  width=3cm,\n]{a.png}|',
      'a.png',
      'old',
      '\\includegraphics[\n  alt = {a cat},\n  width=3cm,\n]{a.png}',
    ],
    [
      '\\includegraphics*[width=3cm]{"my file"}|',
      'my file',
      undefined,
      '\\includegraphics*[width=3cm,alt={a cat}]{"my file"}',
    ],
    ['% \\includegraphics{|a.png}', undefined],
    ['\\% \\includegraphics{a.png|}', 'a.png', undefined, '\\% \\includegraphics[alt={a cat}]{a.png}'],
    ['\\begin{verbatim}\n\\includegraphics{|a.png}\n\\end{verbatim}', undefined],
    ['\\verb¦\\includegraphics{|a.png}¦', undefined],
  ],
  css: [
    ['a { background: url(|a.png) }', 'a.png', undefined],
    ['a { background: url( "|a b.png" ) }', 'a b.png', undefined],
    ['a { background: image-set("|a.png" 1x) }', 'a.png', undefined],
    ['/* url(|a.png) */', undefined],
    ['a { content: "url(|a.txt)" }', undefined],
  ],
  scss: [['// url(|a.png)\n', undefined], ['a { background: url("#{$p}/|a.png") }', undefined]],
};

for (const [languageId, rows] of Object.entries(tables)) {
  for (const [marked, target, alt, after] of rows) {
    test(`${languageId}: ${JSON.stringify(marked)}`, () => {
      const { text, link } = atCursor(marked, languageId);
      assert.equal(link?.target, target);
      if (link === undefined) return;
      assert.equal(link.alt, alt);
      assert.equal(written(text, link, ' a\n cat '), after);
    });
  }
}

test('folders that the path is relative to', () => {
  assert.deepEqual(imageLinks(':imagesdir: img\n\nimage::a.png[]\n', 'asciidoc')[0]?.bases, ['img']);
  assert.deepEqual(imageLinks('\\graphicspath{{figs/}{img/}}\n\\includegraphics{a}', 'latex')[0]?.bases, [
    'figs/',
    'img/',
    '',
  ]);
});

test('every language of the contract is read', () => {
  for (const languageId of imageLinkLanguages) assert.ok(hasImageLinks(languageId), languageId);
});

test('another language has none', () => {
  assert.deepEqual(imageLinks('![](a.png)', 'plaintext'), []);
  assert.deepEqual(imageLinks('![](a.png)', 'constructor'), []);
});
