/** The benchmark's closing table: medians of both sides and their ratios. */
import type { ConversionFigures } from './convert';
import { median, type Figures, type PictureFigures } from './figures';
import type { MachineFigures } from './machine';

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly of: (figures: readonly Figures[]) => number;
  /** More is better. */
  readonly isSpeed?: boolean;
}

export function comparisonTable(ours: readonly Figures[], peer: readonly Figures[], pictureCount: number): string {
  const each = (pick: (picture: PictureFigures) => number) => (figures: readonly Figures[]) =>
    median(figures.flatMap(({ pictures }) => pictures.map(pick)));
  const rows: Row[] = [
    { name: 'load', unit: 'ms', of: figures => median(figures.map(({ loadMs }) => loadMs)) },
    { name: 'picture to first token', unit: 'ms', of: each(({ firstTokenMs }) => firstTokenMs) },
    { name: '  vision tower', unit: 'ms', of: each(({ visionMs }) => visionMs) },
    { name: '  prefill', unit: 'ms', of: each(({ prefillMs }) => prefillMs) },
    { name: 'one token', unit: 'ms', of: each(({ tokenMs }) => tokenMs) },
    {
      name: 'second prompt to first token',
      unit: 'ms',
      of: figures => median(figures.map(({ secondPromptMs }) => secondPromptMs)),
    },
    {
      name: 'pictures per minute',
      unit: '',
      of: figures => (pictureCount * 60_000) / median(figures.map(({ folderMs }) => folderMs)),
      isSpeed: true,
    },
    { name: 'memory', unit: 'MB', of: figures => median(figures.map(({ rssMb }) => rssMb)) },
    { name: 'memory, peak', unit: 'MB', of: figures => median(figures.map(({ peakMb }) => peakMb)) },
  ];
  const lines = rows.map(({ name, unit, of, isSpeed }) => {
    const cell = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`.trim().padStart(12);
    const own = of(ours);
    if (peer.length === 0) return `${name.padEnd(30)}${cell(own)}`;
    const other = of(peer);
    const factor = isSpeed === true ? own / other : other / own;
    return `${name.padEnd(30)}${cell(own)}${cell(other)}${`${factor.toFixed(2)} ×`.padStart(10)}${
      `(${(own / other).toFixed(2)} of it)`.padStart(16)
    }`;
  });
  const head = `${'median'.padEnd(30)}${'paligemma'.padStart(12)}${
    peer.length > 0 ? `${'transf.js'.padStart(12)}${'better'.padStart(10)}` : ''
  }`;
  return [head, ...lines].join('\n');
}

export function machineLine({ readGbPerSecond, gflopPerSecond }: MachineFigures): string {
  return `machine: reads ${readGbPerSecond.toFixed(1)} GB/s, multiplies ${gflopPerSecond.toFixed(0)} GFLOP/s (float32)`;
}

export function conversionLine({ copyMs, convertMs, bytes, peakMb }: ConversionFigures): string {
  return `conversion: ${(convertMs / 1000).toFixed(1)} s, ${
    (convertMs / copyMs).toFixed(2)
  } × a plain copy of the checkpoint (${(copyMs / 1000).toFixed(1)} s); ${
    (bytes / 1e6).toFixed(0)
  } MB written, peak memory ${peakMb.toFixed(0)} MB`;
}

/** What a one-token step reads of the weights as they are stored, and how near that is to the machine's best. */
export function decodeLine(ours: readonly Figures[], weightBytes: number, { readGbPerSecond }: MachineFigures): string {
  const speed = weightBytes / 1e6 / median(ours.flatMap(({ pictures }) => pictures.map(({ tokenMs }) => tokenMs)));
  return `one token reads ${(weightBytes / 1e9).toFixed(2)} GB of weights: ${speed.toFixed(1)} GB/s, ${
    ((100 * speed) / readGbPerSecond).toFixed(0)
  } % of the machine's`;
}
