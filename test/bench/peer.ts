// Measured process: transformers.js, from the package that was installed into the benchmark's cache.
import { createRequire } from 'node:module';
import path from 'node:path';
import { Laps, memoryFigures, taskOfProcess, type Figures, type PictureFigures } from './figures';

/** The little of the package that is used here. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoProcessor: {
    from_pretrained(
      id: string,
      options: object,
    ): Promise<(image: unknown, prompt: string) => Promise<Record<string, unknown>>>;
  };
  readonly PaliGemmaForConditionalGeneration: { from_pretrained(id: string, options: object): Promise<PeerModel> };
  readonly RawImage: { read(file: string): Promise<unknown> };
}

interface PeerModel {
  readonly sessions: Readonly<Record<string, { run: (...inputs: unknown[]) => Promise<unknown> }>>;
  generate(options: Record<string, unknown>): Promise<unknown>;
}

async function measure(): Promise<Figures> {
  const task = taskOfProcess();
  const transformers = createRequire(path.join(task.home, 'package.json'))('@huggingface/transformers') as Transformers;
  transformers.env.allowRemoteModels = false;
  transformers.env.localModelPath = `${path.dirname(task.model)}${path.sep}`;
  const id = path.basename(task.model);
  const processor = await transformers.AutoProcessor.from_pretrained(id, { local_files_only: true });
  const model = await transformers.PaliGemmaForConditionalGeneration.from_pretrained(id, {
    local_files_only: true,
    device: 'cpu',
    dtype: { vision_encoder: 'fp32', embed_tokens: 'fp16', decoder_model_merged: 'q4' },
  });
  const loadMs = performance.now();
  const visionTimes = timedRuns(model, 'vision_encoder');
  const decoderTimes = timedRuns(model, 'decoder_model_merged');
  const answer = async (picture: string, prompt: string): Promise<PictureFigures> => {
    const laps = new Laps();
    const inputs = await processor(await transformers.RawImage.read(picture), `<image>${prompt}`);
    visionTimes.length = 0;
    decoderTimes.length = 0;
    const stamps: number[] = [];
    // The first call brings the prompt, every other one a token.
    const streamer = {
      put: () => {
        stamps.push(laps.lap());
      },
      end: () => undefined,
    };
    await model.generate({
      ...inputs,
      max_new_tokens: task.tokens,
      min_new_tokens: task.tokens,
      do_sample: false,
      streamer,
    });
    const [toPrompt = 0, toFirst = 0, ...steps] = stamps;
    return {
      firstTokenMs: toPrompt + toFirst,
      visionMs: visionTimes[0] ?? NaN,
      prefillMs: decoderTimes[0] ?? NaN,
      tokenMs: steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length),
    };
  };
  const pictures: PictureFigures[] = [];
  for (const picture of task.pictures) pictures.push(await answer(picture, task.prompt));
  const folder = new Laps();
  for (const picture of task.folder) await answer(picture, task.prompt);
  const folderMs = folder.lap();
  const second = await answer(task.folder.at(-1) ?? '', task.secondPrompt);
  return { loadMs, pictures, folderMs, secondPromptMs: second.firstTokenMs, ...memoryFigures() };
}

/** Milliseconds of each native run of one session, as they come. */
function timedRuns(model: PeerModel, name: string): number[] {
  const times: number[] = [];
  const session = model.sessions[name];
  if (session === undefined) return times;
  const run = session.run.bind(session);
  session.run = async (...inputs) => {
    const started = performance.now();
    const outputs = await run(...inputs);
    times.push(performance.now() - started);
    return outputs;
  };
  return times;
}

void measure().then(figures => process.stdout.write(JSON.stringify(figures)));
