import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { huePalette, HUES, labelStyles } from '../../../paligemma/src/labelStyles';

type Rgb = readonly [number, number, number];
const css = readFileSync(path.resolve('media/viewer/regions.css'), 'utf8');
const [dark, light] = ['\nbody {', 'body.vscode-light'].map(start => {
  const rule = css.slice(css.indexOf(start), css.indexOf('}', css.indexOf(start)));
  return [...rule.matchAll(/--hue-\d: #([0-9a-f]{6});/g)].map(([, hex = '']) =>
    [0, 2, 4].map(at => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb
  );
}) as [Rgb[], Rgb[]];

/** Source: Machado, Oliveira, Fernandes (2009), matrices for severity 1. */
const vision: Readonly<Record<string, readonly (readonly number[])[]>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const linear = (level: number) => level / 255 <= 0.04045 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4;
const toLinear = (rgb: Rgb) => rgb.map(linear);
const luminance = (rgb: readonly number[]) => 0.2126 * rgb[0]! + 0.7152 * rgb[1]! + 0.0722 * rgb[2]!;
/** Source: WCAG 2.2, contrast ratio. */
const contrast = (a: Rgb, b: Rgb) => {
  const [darker, lighter] = [luminance(toLinear(a)), luminance(toLinear(b))].sort((x, y) => x - y) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
};
/** CIE 1976 L*a*b*, D65. */
function lab(rgb: readonly number[]): readonly number[] {
  const [r, g, b] = rgb.map(value => Math.min(Math.max(value, 0), 1)) as [number, number, number];
  const f = (value: number) => value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
  ].map(f) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const seen = (rgb: Rgb, matrix: readonly (readonly number[])[]) =>
  lab(matrix.map(row => row.reduce((sum, factor, i) => sum + factor * toLinear(rgb)[i]!, 0)));

test('the style sheet has every hue for dark and for light grounds', () => {
  assert.deepEqual([dark.length, light.length], [HUES, HUES]);
  assert.deepEqual(dark, huePalette);
  for (let hue = 0; hue < HUES; hue++) assert.ok(css.includes(`.hue-${hue} {`), `class for hue ${hue}`);
});

for (const [name, colours, ground] of [['dark', dark, [31, 31, 31]], ['light', light, [255, 255, 255]]] as const) {
  test(`the colours for ${name} grounds stand out from them`, () => {
    for (const colour of colours) {
      assert.ok(contrast(colour, ground) >= 3, `${colour.join()} has ${contrast(colour, ground)}`);
    }
  });

  test(`the colours for ${name} grounds are told apart with every kind of colour vision`, () => {
    for (const [kind, matrix] of Object.entries(vision)) {
      const points = colours.map(colour => seen(colour, matrix));
      for (let i = 0; i < points.length; i++) {
        for (let j = 0; j < i; j++) {
          const distance = Math.hypot(...points[i]!.map((value, axis) => value - points[j]![axis]!));
          assert.ok(distance > 15, `${kind}: hues ${i} and ${j} are ${distance} apart`);
        }
      }
    }
  });
}

test('a label has the same colour wherever it stands', () => {
  const first = labelStyles(['cat', 'dog', 'cat']);
  assert.deepEqual(first.get('cat'), labelStyles(['dog', 'cat']).get('cat'));
  assert.deepEqual(labelStyles(['cat']).get('cat'), labelStyles(['cat', 'cat']).get('cat'));
});

test('21 labels all look different, and more still have a style', () => {
  const labels = Array.from({ length: 40 }, (_, i) => `thing ${i}`);
  const styles = labelStyles(labels.slice(0, 21));
  assert.equal(new Set([...styles.values()].map(({ hue, line }) => `${hue} ${line}`)).size, 21);
  assert.equal(labelStyles(labels).size, 40);
  // Colours first, dashes only when they are used up.
  assert.deepEqual([...labelStyles(labels.slice(0, 7)).values()].map(({ line }) => line), Array(7).fill('solid'));
});
