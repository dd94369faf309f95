/** The forms beside plain safetensors in which weights are read, and what reading does to them. */
import * as l10n from '@vscode/l10n';
import { isCount, isListOf, isOneOf, isRecord } from './checks';
import { bigVisionFile, type FolderFacts, type JsonObject } from './folderContents';
import { mlxMode } from './quantization';

export const bitsAndBytesTypes = ['nf4', 'fp4', 'int8'] as const;
export type BitsAndBytesType = typeof bitsAndBytesTypes[number];

export type WeightForm =
  /** `bits` and `groupSizes`: every one that occurs, in order; none of both where nothing is quantised. */
  | { readonly kind: 'mlx'; readonly bits: readonly number[]; readonly groupSizes: readonly number[] }
  | { readonly kind: 'bitsandbytes'; readonly types: readonly BitsAndBytesType[] }
  | { readonly kind: 'bigVision' };

/** Format, and what is done to the weights, as one phrase for lists and cards. */
export function formText(form: WeightForm): string {
  switch (form.kind) {
    case 'mlx':
      return form.bits.length === 0
        ? l10n.t('MLX, not quantized; read without loss')
        : l10n.t(
          'MLX, {0} bits in groups of {1}; widened to float32 on reading',
          form.bits.join(', '),
          form.groupSizes.join(', '),
        );
    case 'bitsandbytes':
      return form.types.includes('int8')
        ? l10n.t(
          'bitsandbytes {0}; widened to float32 on reading, outliers of activations are not treated apart',
          form.types.join(', '),
        )
        : l10n.t('bitsandbytes {0}; widened on reading', form.types.map(type => type.toUpperCase()).join(', '));
    case 'bigVision':
      return l10n.t('NumPy archive of big_vision; read without loss');
  }
}

/** What names and config of a folder tell of it before its weights are read; undefined for plain safetensors. */
export function formOfFolder(facts: Pick<FolderFacts, 'files' | 'config'>): WeightForm | undefined {
  if (bigVisionFile(facts) !== undefined) return { kind: 'bigVision' };
  return formOfConfig(facts.config);
}

function formOfConfig(config: JsonObject | undefined): WeightForm | undefined {
  const mlx = config?.['quantization'];
  if (isRecord(mlx) && mlxMode(config) === undefined) {
    const parts = [mlx, ...Object.values(mlx).filter(isRecord)];
    const numbers = (key: string) => [...new Set(parts.map(part => part[key]).filter(isCount))].sort((a, b) => a - b);
    return { kind: 'mlx', bits: numbers('bits'), groupSizes: numbers('group_size') };
  }
  const other = config?.['quantization_config'];
  if (!isRecord(other) || other['quant_method'] !== 'bitsandbytes') return undefined;
  if (other['load_in_8bit'] === true) return { kind: 'bitsandbytes', types: ['int8'] };
  const type = other['bnb_4bit_quant_type'];
  return { kind: 'bitsandbytes', types: [type === 'nf4' ? 'nf4' : 'fp4'] };
}

/** Of a manifest, which may be anybody's. */
export function isWeightForm(value: unknown): value is WeightForm {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'mlx':
      return isListOf(isCount)(value['bits']) && isListOf(isCount)(value['groupSizes']);
    case 'bitsandbytes':
      return isListOf(isOneOf(bitsAndBytesTypes))(value['types']);
    case 'bigVision':
      return true;
    default:
      return false;
  }
}
