// Whatever reads a page after the editor finds nothing to run in the words of a model.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  pageEngines,
  pageLanguages,
  pageOf,
  type PageEngine,
  type PageScanner,
} from '../../../paligemma/src/answers/pageLanguages';
import { imageLinks } from '../../../server/src/imageLinks/imageLinks';
import { written } from './cursor';

interface Danger {
  /** What a model may say, for instance because it stands in the picture. */
  readonly poison: readonly string[];
  /** What the reader would take for code, in the text that was written. */
  readonly live: RegExp;
}

/** As the engines' own readers look for it. */
const ofEngine: Readonly<Record<PageEngine, Danger>> = {
  mustaches: {
    poison: [
      'a {{ config.items() }} b',
      '{% include "x" %}',
      '{{{constructor}}} {{lookup this x}}',
      '{# x #}',
      '{!! system(id) !!}',
      '{{< include /etc/passwd >}} {{% env HOME %}}',
      '{{{{raw}}}} {{-x-}}',
      '{::options parse_block_html="true" /} {: onclick="x"}',
    ],
    live: /\{[{%#!:]|[}%#!]\}/,
  },
  angles: {
    poison: ['<%= `id` %>', '<?php system(1) ?>', '<#include "x"> <@x/>', '<% %>', '<%<%= x %>%>'],
    live: /<[%?#@]|[%?]>/,
  },
  dollars: { poison: ['${7*7} #{x} @{x} *{x} ~{x} $!{x}', '$${x} #${x}'], live: /[$#@*~!]\{/ },
  braces: { poison: ['{$smarty.now} {include file="x"} {php}', '{{$x}}'], live: /\{(?!\s)/ },
  hashes: { poison: ['#set($x=1) $x $!x #parse("x") #now()# #[[x]]#'], live: /[#$](?=[\w!{[*])/ },
  ats: { poison: ['@System.Environment.MachineName @(1+1) @{ }', '@php @include("x") a@b.c'], live: /@/ },
  colons: { poison: [':::image source="a.png":::', ':::{raw} html', '::::x'], live: /:::/ },
  knitr: {
    // Source: knitr, R/pattern.R, `inline.code` of md; Quarto, engines.
    poison: ["`r system('id') #`", "`{r} system('id') #`", '`{python} x` ``r x``'],
    live: /`(?:r[ #]|\{\w+\})/,
  },
  pandoc: {
    poison: ['$\\input{x}$ $$x$$', '@doe99 says @fig-x', 'x`y`{=html} x^2^'],
    live: /(?<!\\)(?:\\\\)*[$@^](?=\S)/,
  },
};

const ofScanner: Readonly<Record<PageScanner, Danger>> = {
  markdown: {
    poison: ['](javascript:alert(1)) ![x](y)', '[a]: b `c` <b>d</b> <!-- e', '{ .x }'],
    live: /(?<!\\)(?:\\\\)*[[\]<`]/,
  },
  quarto: {
    poison: ['"} <script>alert(1)</script> `x`{=html} \\input{/etc/passwd}', '#| x: !expr y'],
    live: /[<`]|\n[^#]/,
  },
  rmarkdown: { poison: ['"} <script>alert(1)</script> `x`{=html} \\input{/etc/passwd}'], live: /[<`]|\n[^#]/ },
  mdx: {
    poison: ['{process.env.X} <X/> {import("x")}', 'export const x = 1', 'import x from "y"'],
    live: /(?<!\\)(?:\\\\)*[{}<]|\n(?:import|export) /,
  },
  html: { poison: ['"><script>alert(1)</script>', "' onerror=alert(1) x='", '&xxe; ]]>'], live: /[<>]|&xxe;/ },
  svelte: { poison: ['{@html x} {x}', '"{x}'], live: /[{}<>]/ },
  astro: { poison: ['{process.env.X} ${1}', '" set:html={x} x="'], live: /[<>]/ },
  jsx: { poison: ['"+alert(1)+" \\', '" onError={alert(1)} x="', '{x} <X/>'], live: /[<>]/ },
  script: { poison: ['"+alert(1)+" \\', '" onError={alert(1)} x="'], live: /[<>]/ },
  asciidoc: {
    poison: [
      '+++" onerror=alert(1) x="+++',
      'pass:["onerror=alert(1)"] $$x$$ {docname} ], link=javascript:alert(1)',
      'x,link=javascript:alert(1)',
      '+++<script>alert(1)</script>+++ <<x>> stem:[x] include::x[] https://example.org',
      '`+x+` +x+ #x# *x*',
    ],
    live: /\+|\$|\{|\w:\S*\[|<<|:\/\//,
  },
  rst: {
    poison: ['|sub| `a <javascript:x>`_ :raw:`x` \\', 'x\n   :target: javascript:alert(1)', '.. raw:: html'],
    live: /\n.*\n/,
  },
  latex: {
    poison: ['} \\input{/etc/passwd} ^^5cinput \\write18{id}', '\\Sexpr{system("id")} % x', 'a, b=c ] x $x$'],
    live: /\\(?!text(?:backslash|asciitilde|asciicircum)\{\}|[{}#$%&_])|\^|(?<!\\)[$%#&]/,
  },
  org: {
    poison: ['{{{x(y)}}} src_sh{id} call_x() @@html:<b>@@', ':width 3 [[file:x]] <<t>>', '"(x)" ::x', 'nil'],
    live: /\{\{|\b(?:src|call)_\w|@@|\[\[|<<|\s:[-\w]/,
  },
  typst: {
    poison: ['", width: 3cm) #read("x") #eval("x") \\', '#import "x"'],
    live: /(?<!\\)(?:\\\\)*"[^,)]*(?<!\\)(?:\\\\)*"\s*[^,)\s]/,
  },
  css: { poison: [], live: /(?!)/ },
  scss: { poison: [], live: /(?!)/ },
};

const pagesOf: Readonly<Record<PageScanner, readonly string[]>> = {
  markdown: [
    '![](a.png)\n',
    '![x](a.png){: alt="y"}\n',
    '![[a.png]]\n',
    ':::image source="a.png" alt-text="":::\n',
    '{{< figure src="a.png" >}}\n',
    '```{image} a.png\n```\n',
    'x <img src="a.png"> y\n',
  ],
  quarto: [
    'x <img src="a.png"> y\n',
    '![c](a.png){fig-alt=x}\n',
    '![](a.png)\n',
    '![c](a.png){width=3}\n',
    '```{r}\ninclude_graphics("a.png")\n```\n',
  ],
  rmarkdown: [
    '![](a.png)\n',
    '```{r}\ninclude_graphics("a.png")\n```\n',
    '```{r}\n#| fig-alt: x\ninclude_graphics("a.png")\n```\n',
  ],
  mdx: ['![](a.png)\n', 'x <Image src="a.png" /> y\n'],
  html: ['<p><img src="a.png"></p>', "<p><img src='a.png' alt=''></p>", '<p><img src=a.png alt=x></p>'],
  svelte: ['<img src="a.png">'],
  astro: ['<img src="a.png" />', '<img src="a.png" alt="x" />'],
  jsx: ['const x = <img src="a.png" />;', 'const x = <img src={"a.png"} alt={"x"} />;'],
  script: ['const x = <img src="a.png" />;'],
  asciidoc: ['image::a.png[]\n', 'x image:a.png[y] z\n'],
  rst: ['.. image:: a.png\n'],
  latex: ['\\includegraphics{a}\n', '\\includegraphics[alt={x}]{a}\n'],
  org: ['[[file:a.png]]\n', '#+ATTR_HTML: :width 3\n[[file:a.png]]\n'],
  typst: ['#image("a.png")\n'],
  css: [],
  scss: [],
};

for (const { ids } of pageLanguages) {
  for (const id of ids) {
    const page = pageOf(id) ?? assert.fail(id);
    if (pagesOf[page.scanner].length === 0) continue;
    test(`${id}: what its readers run is words once it is written as alt text`, () => {
      for (const text of pagesOf[page.scanner]) {
        const dangers = [ofScanner[page.scanner], ...page.engines.map(engine => ofEngine[engine])];
        for (const poison of dangers.flatMap(danger => danger.poison)) checkPoison(id, text, poison, dangers);
      }
    });
  }
}

function checkPoison(id: string, text: string, poison: string, dangers: readonly Danger[]): void {
  const link = imageLinks(text, id)[0] ?? assert.fail(text);
  const slot = link.altSlot ?? assert.fail(text);
  const after = written(text, link, poison) ?? assert.fail(text);
  const why = JSON.stringify({ text, poison, after });
  // The words alone, without the quotes and names around them that the page needs.
  const end = after.length - (text.length - slot.range.end) - slot.after.length;
  const own = after.slice(slot.range.start + slot.before.length, end);
  // Marks of Markdown are none inside of a tag, an attribute or a block, where other signs end the words.
  const isInLabel = slot.syntax === 'markdown' || slot.syntax === 'mdx';
  for (const danger of dangers) {
    if ((danger === ofScanner.markdown || danger === ofEngine.pandoc) && !isInLabel) continue;
    if (danger === ofScanner.mdx && !isInLabel) continue;
    // A string of JavaScript ends at its quote only.
    if (danger === ofScanner.jsx && slot.syntax === 'scriptDouble') {
      assert.doesNotMatch(own, /(?<!\\)(?:\\\\)*"/, why);
      continue;
    }
    assert.doesNotMatch(own, danger.live, why);
  }
  const [again, ...others] = imageLinks(after, id);
  assert.deepEqual(others, [], why);
  assert.equal(again?.target, link.target, why);
  assert.equal(lettersOf(again?.alt ?? ''), lettersOf(poison), why);
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

test('every engine of the table is met with what it runs', () => {
  assert.deepEqual(Object.keys(ofEngine).sort(), [...pageEngines].sort());
  for (const engine of pageEngines) assert.ok(pageLanguages.some(({ engines }) => engines.includes(engine)), engine);
  for (const danger of Object.values(ofEngine)) {
    for (const poison of danger.poison) assert.match(poison, danger.live, 'the unchanged words are live');
  }
});
