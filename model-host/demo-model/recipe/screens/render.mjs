// Renders pages of HTML in headless Chromium: reads lines of {"markup", "width", "height", "tallest", "scale"} from stdin and
// answers each with a line of {"png", "isCut", "runs", "elements"}; `browser.py` speaks to it. Sizes in pixels before scaling;
// a page grows from `height` up to `tallest` where its content needs that.
//   png        the picture, base64
//   isCut      whether content is left over at the lower or the right edge
//   runs       [{text, left: [n + 1], top, bottom}]: what stands on one line in one piece, pixels of the picture; left holds
//              where each character begins, and where the last one ends; top and bottom are those of capitals and descenders
//   elements   [{name, box: [left, top, right, bottom]}] of everything with data-e that can be seen
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const executablePath = process.env.PALIGEMMA_TEST_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({
  executablePath,
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
  ],
});
/** One page for each scale: a context cannot change its own. */
const pages = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { markup, width, height, tallest, scale } = JSON.parse(line);
  const page = await pageOf(scale);
  await page.setViewportSize({ width, height });
  await page.setContent(markup, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  const needed = await page.evaluate(sizeOfContent);
  if (needed.height > height) {
    const grown = Math.min(needed.height, tallest);
    await page.setViewportSize({ width, height: grown });
    await page.evaluate(pixels => void (document.body.style.height = `${pixels}px`), grown);
  }
  const isCut = needed.height > tallest || needed.width > width;
  const seen = await page.evaluate(inspect, scale);
  const png = (await page.screenshot({ animations: 'disabled' })).toString('base64');
  if (!process.stdout.write(`${JSON.stringify({ png, isCut, ...seen })}\n`)) await once(process.stdout, 'drain');
}
await browser.close();

async function pageOf(scale) {
  if (!pages.has(scale)) {
    const context = await browser.newContext({ deviceScaleFactor: scale, javaScriptEnabled: true, offline: true });
    pages.set(scale, await context.newPage());
  }
  return pages.get(scale);
}

/** Runs in the page. */
function sizeOfContent() {
  const boxes = [...document.body.querySelectorAll('*')].map(element => element.getBoundingClientRect());
  return {
    width: Math.floor(Math.max(...boxes.map(box => box.right))),
    height: Math.floor(Math.max(...boxes.map(box => box.bottom))),
  };
}

/** Runs in the page. */
function inspect(scale) {
  const canvas = document.createElement('canvas').getContext('2d');
  const metrics = new Map();
  const range = document.createRange();
  const runs = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) collect(walker.currentNode);
  return { runs, elements: [...document.querySelectorAll('[data-e]')].flatMap(element) };

  function collect(node) {
    const font = metricsOf(getComputedStyle(node.parentElement).font);
    let run;
    for (let i = 0; i < node.data.length; i += 1) {
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const box = range.getBoundingClientRect();
      if (box.width === 0 || !isSeen(node, box)) {
        run = undefined;
        continue;
      }
      if (run === undefined || Math.abs(run.line - box.top) > 1 || Math.abs(run.end - box.left) > 1) {
        const baseline = box.top + font.ascent * box.height / (font.ascent + font.descent);
        run = {
          text: '',
          left: [],
          line: box.top,
          top: (baseline - font.capital) * scale,
          bottom: (baseline + font.foot) * scale,
        };
        runs.push(run);
      }
      run.text += node.data[i] === '\u00a0' || node.data[i] === '\n' ? ' ' : node.data[i];
      run.left.splice(-1, 1);
      run.left.push(box.left * scale, box.right * scale);
      run.end = box.right;
    }
  }

  /** Not hidden by an edge or by something that lies over it. */
  function isSeen(node, box) {
    const at = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return at !== null && (at.contains(node) || node.parentElement.contains(at));
  }

  function metricsOf(font) {
    if (!metrics.has(font)) {
      canvas.font = font;
      const all = canvas.measureText('Hd');
      metrics.set(font, {
        ascent: all.fontBoundingBoxAscent,
        descent: all.fontBoundingBoxDescent,
        capital: all.actualBoundingBoxAscent,
        foot: canvas.measureText('gp').actualBoundingBoxDescent,
      });
    }
    return metrics.get(font);
  }

  function element(node) {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    const box = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
    if (box[2] - box[0] < 2 || box[3] - box[1] < 2) return [];
    return [{ name: node.dataset.e, box: box.map(side => side * scale) }];
  }
}
