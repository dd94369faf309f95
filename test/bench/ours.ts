// Measured process: this product's engine on a converted folder.
import path from 'node:path';
import { LocalEngine } from '../../model-host/src/engines/local';
import { HostLog } from '../../model-host/src/wire/hostLog';
import { Laps, memoryFigures, taskOfProcess, type Figures, type PictureFigures } from './figures';

async function measure(): Promise<Figures> {
  const task = taskOfProcess();
  const engine = new LocalEngine(
    task.home,
    new HostLog(record => {
      if (record.level === 'warn') process.stderr.write(`${record.message}\n`);
    }),
    path.resolve('out/model-host/src/runtime/threads/main.js'),
  );
  const ask = (imagePath: string, prefix: string) =>
    engine.generate({
      model: { path: task.model, weights: 'int4', device: 'cpu', attention: 'full' },
      imagePath,
      prefix,
      maxNewTokens: task.tokens,
      locDivisor: 1024,
      progressToken: '',
    }, () =>
      undefined, new AbortController().signal);
  const beforeFirst = performance.now();
  let loadMs = 0;
  const pictures: PictureFigures[] = [];
  for (const picture of task.pictures) {
    const { timings } = await ask(picture, task.prompt);
    if (timings.loadMs > 0 && pictures.length === 0) loadMs = beforeFirst + timings.loadMs;
    pictures.push({
      firstTokenMs: timings.imageMs + timings.visionMs + timings.prefillMs,
      visionMs: timings.visionMs,
      prefillMs: timings.prefillMs,
      tokenMs: timings.decodeMs / Math.max(1, timings.tokens - 1),
    });
  }
  const folder = new Laps();
  await Promise.all(task.folder.map(picture => ask(picture, task.prompt)));
  const folderMs = folder.lap();
  const { timings } = await ask(task.folder.at(-1) ?? '', task.secondPrompt);
  const figures = {
    loadMs,
    pictures,
    folderMs,
    secondPromptMs: timings.imageMs + timings.visionMs + timings.prefillMs,
    ...memoryFigures(),
  };
  await engine.dispose();
  return figures;
}

void measure().then(figures => process.stdout.write(JSON.stringify(figures)));
