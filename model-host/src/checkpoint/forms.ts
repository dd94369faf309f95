/** Puts together what other programs store apart, or in another order: the weights of MLX and bitsandbytes. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import type { JsonObject } from '../../../paligemma/src/folderContents';
import { shown } from '../../../paligemma/src/shown';
import type { BitsAndBytesType, WeightForm } from '../../../paligemma/src/weightForms';
import { eightBitMatrix, fourBitMatrix, type FourBitParts } from './bitsAndBytes';
import { mlxMatrix, type MlxLayout } from './mlx';
import { inTorchOrder } from './patchOrder';
import { corrupt, TensorReader, type ModelTensor, type StoredCodes, type StoredTensor } from './safetensors';

/** What the headers of a folder say. */
export interface Gathered {
  /** By canonical name; codes and scales under the names that the form gives them. */
  readonly stored: ReadonlyMap<string, StoredTensor | StoredCodes>;
  /** Who wrote the files, as their metadata say. */
  readonly writer: string | undefined;
  readonly config: JsonObject | undefined;
}

export interface Formed {
  readonly tensors: Map<string, ModelTensor>;
  /** Undefined for plain numbers in the order of transformers. */
  readonly form: WeightForm | undefined;
}

const PATCHES = 'vision.embeddings.patch_embedding.weight';

/**
 * @param shapeOf What the model's config asks for, by canonical name; the rows of a vocabulary need not be right.
 * @throws Failure weightsCorrupt, weightsMissing where parts are missing or do not fit; tensorMismatch where forms are
 *   mixed.
 */
export async function joinForms(
  gathered: Gathered,
  shapeOf: (name: string) => readonly number[] | undefined,
): Promise<Formed> {
  const pool = new Map(gathered.stored);
  const tensors = new Map<string, ModelTensor>();
  const layouts = takeMlx(pool, tensors, shapeOf, gathered.config);
  const types = [...await takeFourBits(pool, tensors), ...takeEightBits(pool, tensors)];
  const [mlx] = layouts;
  const [other] = types;
  if (mlx !== undefined && other !== undefined) throw mixed(mlx.name, other.name);
  for (const [name, tensor] of pool) {
    if (tensor.type === 'U32' || tensor.type === 'U8' || tensor.type === 'I8') throw noForm(tensor);
    else tensors.set(name, { ...tensor, type: tensor.type });
  }
  const isMlx = turnPatches(tensors, gathered.writer, shapeOf(PATCHES)) || mlx !== undefined
    || gathered.writer === 'mlx';
  if (other !== undefined) {
    return { tensors, form: { kind: 'bitsandbytes', types: [...new Set(types.map(({ type }) => type))].sort() } };
  }
  const all = (key: keyof MlxLayout) => [...new Set(layouts.map(layout => layout[key]))].sort((a, b) => a - b);
  return { tensors, form: isMlx ? { kind: 'mlx', bits: all('bits'), groupSizes: all('groupSize') } : undefined };
}

type Pool = Map<string, StoredTensor | StoredCodes>;

function takeMlx(
  pool: Pool,
  tensors: Map<string, ModelTensor>,
  shapeOf: (name: string) => readonly number[] | undefined,
  config: JsonObject | undefined,
): (MlxLayout & { readonly name: string })[] {
  const layouts: (MlxLayout & { readonly name: string })[] = [];
  for (const [name, codes] of [...pool]) {
    if (!isCodes(codes) || codes.type !== 'U32') continue;
    const shape = shapeOf(name);
    // What a model does not have is told by its name below.
    if (shape?.length !== 2) continue;
    const module = name.replace(/\.weight$/, '');
    const scales = takeFloats(pool, codes, `${module}.scales`);
    const biases = takeFloats(pool, codes, `${module}.biases`);
    pool.delete(name);
    const { tensor, ...layout } = mlxMatrix({ codes, scales, biases }, shape[1] ?? 0, config);
    tensors.set(name, tensor);
    layouts.push({ ...layout, name: codes.name });
  }
  return layouts;
}

interface Typed {
  readonly name: string;
  readonly type: BitsAndBytesType;
}

async function takeFourBits(pool: Pool, tensors: Map<string, ModelTensor>): Promise<Typed[]> {
  const types: Typed[] = [];
  const reader = new TensorReader();
  try {
    for (const [stateName, state] of [...pool]) {
      const name = /^(?<name>.+\.weight)\.quant_state\.bitsandbytes__(?:nf4|fp4)$/.exec(stateName)?.groups?.['name'];
      const weight = name === undefined ? undefined : pool.get(name);
      if (name === undefined || weight === undefined || !isCodes(state)) continue;
      pool.delete(stateName);
      pool.delete(name);
      const take = (end: string) => {
        const part = pool.get(`${name}.${end}`);
        pool.delete(`${name}.${end}`);
        return part;
      };
      const floats = (end: string) => floatsOrNone(take(end));
      const parts: FourBitParts = {
        weight,
        state,
        absmax: take('absmax'),
        table: floats('quant_map'),
        nestedAbsmax: floats('nested_absmax'),
        nestedTable: floats('nested_quant_map'),
      };
      const { tensor, type } = await fourBitMatrix(reader, parts);
      tensors.set(name, tensor);
      types.push({ name: weight.name, type });
    }
  } finally {
    await reader.close();
  }
  return types;
}

function takeEightBits(pool: Pool, tensors: Map<string, ModelTensor>): Typed[] {
  const types: Typed[] = [];
  for (const [name, weight] of [...pool]) {
    if (!isCodes(weight) || weight.type !== 'I8') continue;
    const module = name.replace(/\.weight$/, '');
    const scales = takeFloats(pool, weight, `${module}.SCB`);
    pool.delete(name);
    // Says in which order older versions kept the bytes for the GPU; what is saved is always row by row.
    pool.delete(`${module}.weight_format`);
    tensors.set(name, eightBitMatrix(weight, scales));
    types.push({ name: weight.name, type: 'int8' });
  }
  return types;
}

/** @throws Failure weightsCorrupt where the part is not there, or is none of plain numbers. */
function takeFloats(pool: Pool, whose: StoredCodes, name: string): StoredTensor {
  const part = floatsOrNone(pool.get(name));
  pool.delete(name);
  if (part !== undefined) return part;
  throw corrupt(
    whose.file,
    l10n.t('It has no {0} for {1}.', name.slice(name.lastIndexOf('.') + 1), shown(whose.name)),
  );
}

function floatsOrNone(part: StoredTensor | StoredCodes | undefined): StoredTensor | undefined {
  return part === undefined || isCodes(part) ? undefined : part;
}

function isCodes(part: StoredTensor | StoredCodes): part is StoredCodes {
  return part.type === 'U8' || part.type === 'I8' || part.type === 'U32';
}

/** @returns Whether the patches were in MLX's order, `[width, height, width, 3]`. */
function turnPatches(
  tensors: Map<string, ModelTensor>,
  writer: string | undefined,
  wanted: readonly number[] | undefined,
): boolean {
  const tensor = tensors.get(PATCHES);
  if (tensor?.shape.length !== 4 || wanted === undefined) return false;
  const [width = 0, first, , last] = tensor.shape;
  // Patches of three pixels look the same in both orders: then the writer tells.
  const isLast = last === 3 && (first !== 3 || writer === 'mlx');
  if (!isLast) return false;
  const [, height = 0, across = 0] = tensor.shape;
  tensors.set(PATCHES, inTorchOrder(tensor, [width, 3, height, across]));
  return true;
}

function mixed(one: string, other: string): Failure {
  return new Failure(
    'tensorMismatch',
    l10n.t(
      'The checkpoint holds {0} as MLX quantizes it and {1} as bitsandbytes does, so files of two models lie in one folder. Download one of them into a folder of its own.',
      shown(one),
      shown(other),
    ),
  );
}

function noForm({ name, file, type }: StoredCodes): Failure {
  return corrupt(
    file,
    l10n.t('{0} holds whole numbers ({1}), and what would say how they are weights is missing.', shown(name), type),
  );
}
