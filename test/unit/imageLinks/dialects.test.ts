// Dialects of Markdown, and other light markup: where the alt text of a picture is found and written.
import { testRows, type Row } from './cursor';

const tables: Readonly<Record<string, readonly Row[]>> = {
  markdown: [
    // Pandoc and kramdown: attributes behind the link.
    ['![](|a.png){: alt="old"}', 'a.png', 'old', '![](a.png){: alt="a cat"}'],
    [
      '![c](|a.png){#x .y fig-alt="old &quot;one&quot;" width=3}',
      'a.png',
      'old "one"',
      '![c](a.png){#x .y fig-alt="a cat" width=3}',
    ],
    ["![c](|a.png){alt='old' width=50%}", 'a.png', 'old', "![c](a.png){alt='a cat' width=50%}"],
    ['![c](|a.png){ width=50% alt=old }', 'a.png', 'old', '![c](a.png){ width=50% alt="a cat" }'],
    ['![old](|a.png){width=50%}', 'a.png', 'old', '![a cat](a.png){width=50%}'],
    ['![old](|a.png){{ x }}', 'a.png', 'old', '![a cat](a.png){{ x }}'],
    ['![old](|a.png){alt="never closed', 'a.png', 'old', '![a cat](a.png){alt="never closed'],
    // Obsidian: sizes and embeds.
    ['![¦100](|a.png)', 'a.png', undefined, '![a cat¦100](a.png)'],
    ['![old¦100x50](|a.png)', 'a.png', 'old', '![a cat¦100x50](a.png)'],
    ['¦ ![old\\¦100](|a.png) ¦', 'a.png', 'old', '¦ ![a cat\\¦100](a.png) ¦'],
    ['![old¦thing](|a.png)', 'a.png', 'old|thing', '![a cat](a.png)'],
    ['![[|a.png]]', 'a.png', undefined, '![[a.png¦a cat]]'],
    ['![[|a b.png¦100]]', 'a b.png', undefined, '![[a b.png¦a cat¦100]]'],
    ['![[|a.png¦old]]', 'a.png', 'old', '![[a.png¦a cat]]'],
    ['![[|a.png¦old¦100x50]]', 'a.png', 'old', '![[a.png¦a cat¦100x50]]'],
    ['¦ ![[|a.png]] ¦', 'a.png', undefined, '¦ ![[a.png\\¦a cat]] ¦'],
    ['¦ ![[|a.png\\¦100]] ¦', 'a.png', undefined, '¦ ![[a.png\\¦a cat\\¦100]] ¦'],
    ['![[|a note]]', undefined],
    // A document in a frame has no place for alt text, and is looked at all the same.
    ['![[|a.pdf#page=3]]', 'a.pdf#page=3'],
    ['[a report](|a.pdf)', 'a.pdf'],
    // Microsoft Learn.
    [
      ':::image type="content" source="|a.png" alt-text="":::',
      'a.png',
      undefined,
      ':::image type="content" source="a.png" alt-text="a cat":::',
    ],
    [
      ':::image type="content" source="|a.png" lightbox="b.png" alt-text="old" border="false":::',
      'a.png',
      'old',
      ':::image type="content" source="a.png" lightbox="b.png" alt-text="a cat" border="false":::',
    ],
    [
      ':::image type="content" source="|a.png":::',
      'a.png',
      undefined,
      ':::image type="content" source="a.png" alt-text="a cat":::',
    ],
    [':::image type="icon" source="|a.png":::', 'a.png', undefined],
    // Hugo and Jekyll.
    ['{{< figure src="|a.png" >}}', 'a.png', undefined, '{{< figure src="a.png" alt="a cat" >}}'],
    [
      '{{<figure src="|a.png" alt="old" caption="c" width=300>}}',
      'a.png',
      'old',
      '{{<figure src="a.png" alt="a cat" caption="c" width=300>}}',
    ],
    ['{{% img src="|a.png" %}}', 'a.png', undefined, '{{% img src="a.png" alt="a cat" %}}'],
    ['{{< audio src="|a.png" >}}', 'a.png', undefined],
    [
      '{% include figure.html path="|a.png" alt="" class="x" %}',
      'a.png',
      '',
      '{% include figure.html path="a.png" alt="a cat" class="x" %}',
    ],
    ['![|]({{ site.baseurl }}/a.png)', '{{ site.baseurl }}/a.png', undefined, '![a cat]({{ site.baseurl }}/a.png)'],
    // MyST.
    ['```{image} |a.png\n```', 'a.png', undefined, '```{image} a.png\n:alt: a cat\n```'],
    [
      '```{figure} |a.png\n:width: 3\n:alt: old\n\nThe caption.\n```',
      'a.png',
      'old',
      '```{figure} a.png\n:width: 3\n:alt: a cat\n\nThe caption.\n```',
    ],
    [
      '> :::{figure} |a.png\n> :alt:\n>\n> The caption.\n> :::',
      'a.png',
      undefined,
      '> :::{figure} a.png\n> :alt: a cat\n>\n> The caption.\n> :::',
    ],
    [
      '```{image} |a.png\n---\nwidth: 3\nalt: "old: x"\n---\n```',
      'a.png',
      'old: x',
      '```{image} a.png\n---\nwidth: 3\nalt: "a cat"\n---\n```',
    ],
    ['````md\n```{image} |a.png\n```\n````', undefined],
    // Nothing is written where it would take another picture away.
    ['![|x ![y](b.png) z](a.png)', 'a.png', undefined],
  ],
  quarto: [
    ['![](|a.png)', 'a.png', undefined, '![](a.png){fig-alt="a cat"}'],
    ['![A caption](|a.png)', 'a.png', 'A caption', '![A caption](a.png){fig-alt="a cat"}'],
    ['![A caption](|a.png){width=50%}', 'a.png', 'A caption', '![A caption](a.png){width=50% fig-alt="a cat"}'],
    ['![](|a.png){}', 'a.png', undefined, '![](a.png){ fig-alt="a cat"}'],
    ['![](|a.png){fig-alt="A photo"}', 'a.png', 'A photo', '![](a.png){fig-alt="a cat"}'],
    ['![A caption](|a.png){fig-alt="A photo"}', 'a.png', 'A photo', '![A caption](a.png){fig-alt="a cat"}'],
    [
      '```{r}\nknitr::include_graphics("|a.png")\n```',
      'a.png',
      undefined,
      '```{r}\n#¦ fig-alt: "a cat"\nknitr::include_graphics("a.png")\n```',
    ],
    [
      '```{r}\n#¦ label: x\n#¦ fig-cap: "A caption"\n#¦ fig-alt: "old"\ninclude_graphics(\'|a.png\')\n```',
      'a.png',
      'old',
      '```{r}\n#¦ label: x\n#¦ fig-cap: "A caption"\n#¦ fig-alt: "a cat"\ninclude_graphics(\'a.png\')\n```',
    ],
    ['```{r}\n#¦ fig-alt: ["x", "y"]\ninclude_graphics("|a.png")\n```', 'a.png', undefined],
    ['```{r}\ninclude_graphics("|a.png")\ninclude_graphics("b.png")\n```', 'a.png', undefined],
    ['```{r}\n# include_graphics("|a.png")\n```', undefined],
    ['```r\ninclude_graphics("|a.png")\n```', undefined],
  ],
  rmd: [
    ['![A caption](|a.png)', 'a.png', 'A caption', '![A caption](a.png){alt="a cat"}'],
    [
      '```{r cats, echo=FALSE, fig.cap="A caption"}\nknitr::include_graphics("|a.png")\n```',
      'a.png',
      'A caption',
      '```{r cats, echo=FALSE, fig.cap="A caption", fig.alt="a cat"}\nknitr::include_graphics("a.png")\n```',
    ],
    [
      "```{r, fig.alt = 'it\\'s old', echo=FALSE}\nknitr::include_graphics('|a.png')\n```",
      'a.png',
      "it's old",
      '```{r, fig.alt = "a cat", echo=FALSE}\nknitr::include_graphics(\'a.png\')\n```',
    ],
    [
      '```{r}\n#¦ echo: false\nknitr::include_graphics("|a.png")\n```',
      'a.png',
      undefined,
      '```{r}\n#¦ fig.alt: "a cat"\n#¦ echo: false\nknitr::include_graphics("a.png")\n```',
    ],
    ['```{r, fig.alt=words}\nknitr::include_graphics("|a.png")\n```', 'a.png', undefined],
  ],
  org: [
    ['[[file:|a.pdf]]\n', 'a.pdf'],
    ['[[file:|a.png]]\n', 'a.png', undefined, '#+ATTR_HTML: :alt a cat\n[[file:a.png]]\n'],
    [
      '#+CAPTION: c\n#+ATTR_HTML: :width 3\n[[|./a.png]]\n',
      './a.png',
      undefined,
      '#+CAPTION: c\n#+ATTR_HTML: :width 3 :alt a cat\n[[./a.png]]\n',
    ],
    [
      '#+attr_html: :alt old words :width 3\n  [[file:|a.png]]\n',
      'a.png',
      'old words',
      '#+attr_html: :alt a cat :width 3\n  [[file:a.png]]\n',
    ],
    ['text [[file:|a.png]] text', 'a.png', undefined],
    ['text\n[[file:|a.png]]', 'a.png', undefined],
    ['[[file:|a.org]]', undefined],
    ['#+BEGIN_SRC org\n[[file:|a.png]]\n#+END_SRC', undefined],
    ['# [[file:|a.png]]', undefined],
  ],
  typst: [
    ['#image("|a.png")', 'a.png', undefined, '#image("a.png", alt: "a cat")'],
    ['#image("|a.png", width: 50%)', 'a.png', undefined, '#image("a.png", alt: "a cat", width: 50%)'],
    [
      '#figure(image(width: 3cm, alt: "old \\"x\\"", "|a.png"), caption: [c])',
      'a.png',
      'old "x"',
      '#figure(image(width: 3cm, alt: "a cat", "a.png"), caption: [c])',
    ],
    ['#image("|a.png", alt: none)', 'a.png', undefined, '#image("a.png", alt: "a cat")'],
    ['#image("|a.png", alt: words)', 'a.png', undefined],
    ['// #image("|a.png")', undefined],
    ['see https://x.y #image("|a.png")', 'a.png', undefined, 'see https://x.y #image("a.png", alt: "a cat")'],
    ['```typ\n#image("|a.png")\n```', undefined],
    ['#let s = "image(\\"|a.png\\")"', undefined],
  ],
};

testRows(tables);
