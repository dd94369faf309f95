/** What a benchmark of a model says, as JSON and for a person. */
import type { StopReason } from '../../../../paligemma/src/facts';
import type { GenerateResult } from '../../../../model-host/src/contract/protocol';

/** Milliseconds over the measured runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Times in milliseconds. `--json` prints it as it is: a contract for scripts. */
export interface BenchReport {
  readonly model: string;
  readonly weights: string;
  /** The device that ran, never `auto`. */
  readonly device: string;
  /** As it was given. */
  readonly image: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly prompt: string;
  /** Measured runs. */
  readonly runs: number;
  /** Of the answer, without the end token. */
  readonly tokens: number;
  readonly stopReason: StopReason;
  /** Once, from the converted model on the disk to a model that can run. */
  readonly loadMs: number;
  /** Reading and resizing the picture. */
  readonly imageMs: Spread;
  readonly visionMs: Spread;
  readonly prefillMs: Spread;
  /** From the picture's file to the first token: the sum of the three. */
  readonly firstTokenMs: Spread;
  /** One decode step; null where the answer took none. */
  readonly msPerToken: Spread | null;
  /** From the request to the whole answer. */
  readonly totalMs: Spread;
  /** The most memory that the model's process ever held; bytes. */
  readonly peakRssBytes: number;
  readonly machine: Machine;
}

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
}

export interface MeasuredRun {
  readonly answer: GenerateResult;
  readonly totalMs: number;
}

export type ReportFacts = Pick<
  BenchReport,
  'model' | 'weights' | 'image' | 'prompt' | 'loadMs' | 'peakRssBytes' | 'machine'
>;

/** `runs` holds at least one, all of the same prompt on the same picture. */
export function benchReport(facts: ReportFacts, runs: readonly [MeasuredRun, ...MeasuredRun[]]): BenchReport {
  const [{ answer: { device, image, stopReason, timings: { tokens } } }] = runs;
  const over = (value: (run: MeasuredRun) => number) => spread(runs.map(value));
  const steps = decodeSteps(tokens, stopReason);
  const { model, weights, image: imagePath, prompt, loadMs, peakRssBytes, machine } = facts;
  return {
    model,
    weights,
    device,
    image: imagePath,
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    prompt,
    runs: runs.length,
    tokens,
    stopReason,
    loadMs,
    imageMs: over(({ answer }) => answer.timings.imageMs),
    visionMs: over(({ answer }) => answer.timings.visionMs),
    prefillMs: over(({ answer }) => answer.timings.prefillMs),
    firstTokenMs: over(({ answer: { timings: { imageMs, visionMs, prefillMs } } }) => imageMs + visionMs + prefillMs),
    msPerToken: steps === 0 ? null : over(({ answer }) => answer.timings.decodeMs / steps),
    totalMs: over(run => run.totalMs),
    peakRssBytes,
    machine,
  };
}

/** The lines for a person. */
export function benchLines(report: BenchReport): string[] {
  const { machine, msPerToken } = report;
  const row = (name: string, { median, min, max }: Spread) =>
    `${name.padEnd(14)}${[median, min, max].map(value => milliseconds(value).padStart(10)).join('')}`;
  return [
    `model         ${report.model}, ${report.weights}, on ${report.device}`,
    `machine       ${machine.cpu}, ${machine.cores} threads, ${
      gigabytes(machine.memoryBytes)
    } GB (${machine.platform} ${machine.arch}, Node.js ${machine.node})`,
    `picture       ${report.image}, ${report.widthPx} × ${report.heightPx} px`,
    `prompt        ${JSON.stringify(report.prompt)}: ${report.tokens} tokens, ${report.runs} ${
      report.runs === 1 ? 'run' : 'runs'
    }`,
    `load          ${milliseconds(report.loadMs)} ms`,
    '',
    `${'ms'.padEnd(14)}${['median', 'fastest', 'slowest'].map(name => name.padStart(10)).join('')}`,
    row('picture', report.imageMs),
    row('vision', report.visionMs),
    row('prefill', report.prefillMs),
    row('first token', report.firstTokenMs),
    ...(msPerToken === null
      ? []
      : [`${row('each token', msPerToken)}   ${(1000 / msPerToken.median).toFixed(1)} tokens a second`]),
    row('whole answer', report.totalMs),
    '',
    `peak memory   ${gigabytes(report.peakRssBytes)} GB`,
  ];
}

/** The prefill gives the first token; every further one costs a step, and the end token one more. */
function decodeSteps(tokens: number, stopReason: StopReason): number {
  return stopReason === 'eos' ? tokens : Math.max(0, tokens - 1);
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}
