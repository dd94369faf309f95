/** The only file that knows onnxruntime-node: opens sessions, makes tensors, runs. */
// First, before the native library is loaded.
import * as l10n from '@vscode/l10n';
import './noTelemetry';
import * as ort from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import type { DeviceName } from '../../../paligemma/src/facts';
import { Failure } from '../../../paligemma/src/failures';

export type Device = Exclude<DeviceName, 'auto'>;
export type Tensor = ort.Tensor;
export type Feeds = Readonly<Record<string, Tensor>>;

export interface RuntimeInfo {
  readonly version: string;
  readonly providers: readonly string[];
}

export function runtimeInfo(): RuntimeInfo {
  return {
    version: ort.env.versions.node ?? ort.env.versions.common,
    providers: ort.listSupportedBackends().map(backend => backend.name),
  };
}

/** One open graph. Runs block the calling thread and cannot be interrupted. */
export interface GraphSession {
  /** Fetches exactly `outputs`. @throws Failure outOfMemory, runtimeFailed */
  run(feeds: Feeds, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/**
 * Opens a model, a file or its bytes, on one device, all of its nodes there.
 * @param keepOnDevice Outputs that stay in the device's memory, to be fed back; only WebGPU can do that.
 * @throws Failure deviceUnavailable, convertedModelCorrupt, outOfMemory.
 */
export async function openSession(
  model: string | Uint8Array,
  device: Device,
  keepOnDevice: readonly string[],
): Promise<GraphSession> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    intraOpNumThreads: availableParallelism(),
    // An arena would keep what the prefill needed, in every group of layers, for as long as the model is loaded.
    enableCpuMemArena: false,
    extra: {
      session: {
        // An idle session must not keep a core busy.
        intra_op: { allow_spinning: '0' },
        // Without this a node without a kernel would run on the CPU and every step would cross the bus.
        ...(device === 'webgpu' ? { disable_cpu_ep_fallback: '1' } : {}),
      },
    },
  };
  if (device === 'webgpu') {
    options.preferredOutputLocation = Object.fromEntries(keepOnDevice.map(name => [name, 'gpu-buffer']));
  }
  let session: ort.InferenceSession;
  try {
    session = typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (error) {
    throw openFailure(typeof model === 'string' ? model : 'made in memory', device, error);
  }
  return running(session);
}

function running(session: ort.InferenceSession): GraphSession {
  return {
    async run(feeds, outputs) {
      try {
        return await session.run(feeds, outputs as string[]);
      } catch (error) {
        throw runFailure(error);
      }
    },
    release: () => session.release(),
  };
}

/** Frees a tensor that lies on a device; one in CPU memory is the garbage collector's. */
export function releaseTensor(tensor: Tensor): void {
  if (tensor.location !== 'cpu') tensor.dispose();
}

export function floatTensor(values: Float32Array, shape: readonly number[]): Tensor {
  return new ort.Tensor('float32', values, shape);
}

export function integerTensor(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

export function booleanTensor(value: boolean): Tensor {
  return new ort.Tensor('bool', Uint8Array.of(value ? 1 : 0), []);
}

/** Values of a tensor in CPU memory; views of the runtime's own copy. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data as Float32Array;
}

export function integersOf(tensor: Tensor | undefined): number[] {
  return Array.from((tensor?.data ?? []) as BigInt64Array, Number);
}

function openFailure(file: string, device: Device, cause: unknown): Failure {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/bad_alloc|out of memory|allocat/i.test(message)) return outOfMemory(cause);
  if (/adapter|backend not found|not available|no available backend|provider/i.test(message)) {
    return new Failure(
      'deviceUnavailable',
      l10n.t(
        'The device “{0}” cannot be used on this machine ({1}). Choose the device “cpu”, or “auto”.',
        device,
        reasonOf(message),
      ),
      { cause },
    );
  }
  if (
    /out of bounds|cannot be read|can not be read|does not exist|doesn't exist|Protobuf parsing failed|INVALID_PROTOBUF/i
      .test(message)
  ) {
    return new Failure(
      'convertedModelCorrupt',
      l10n.t(
        'The converted model file {0} is damaged: {1}. Delete its folder and try again; it will be converted again.',
        file,
        firstLine(message),
      ),
      { cause },
    );
  }
  return new Failure(
    'runtimeFailed',
    l10n.t('The model file {0} cannot be opened on “{1}”: {2}', file, device, firstLine(message)),
    { cause },
  );
}

function runFailure(cause: unknown): Failure {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/bad_alloc|out of memory|failed to allocate/i.test(message)) return outOfMemory(cause);
  return new Failure('runtimeFailed', l10n.t('ONNX Runtime failed: {0}', firstLine(message)), { cause });
}

function outOfMemory(cause: unknown): Failure {
  return new Failure(
    'outOfMemory',
    l10n.t(
      'There is not enough memory for this model. Close other programs, or choose a smaller model or the weight type int4.',
    ),
    { cause },
  );
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** The runtime puts its own source location before the reason. */
function reasonOf(message: string): string {
  return firstLine(message).replace(/^.*\bwas false\. /, '').replace(/\.$/, '');
}

/**
 * Opens a model whose weights lie in files of `folder`, on the device where it can run, the rest on the CPU: published
 * graphs compute shapes there.
 * @param file Named in messages. @throws Failure deviceUnavailable, weightsCorrupt, outOfMemory, runtimeFailed.
 */
export async function openPublishedGraph(
  model: Uint8Array,
  folder: string,
  file: string,
  device: Device,
): Promise<GraphSession> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    intraOpNumThreads: availableParallelism(),
    enableCpuMemArena: false,
    extra: { session: { intra_op: { allow_spinning: '0' }, model_external_initializers_file_folder_path: folder } },
  };
  try {
    return running(await ort.InferenceSession.create(model, options));
  } catch (error) {
    const failure = openFailure(file, device, error);
    if (failure.reason !== 'convertedModelCorrupt') throw failure;
    throw new Failure(
      'weightsCorrupt',
      l10n.t(
        '{0} is damaged: {1}. Download it and its .onnx_data files again.',
        file,
        firstLine(error instanceof Error ? error.message : String(error)),
      ),
      { cause: error },
    );
  }
}

/** Bits of binary16 values. */
export function halfTensor(bits: Uint16Array, shape: readonly number[]): Tensor {
  return new ort.Tensor('float16', bits, shape);
}

/** Bytes of a tensor in CPU memory, whatever its type. */
export function bytesOfTensor({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
