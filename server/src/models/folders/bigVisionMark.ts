/** Whether a NumPy archive holds a model of big_vision. */
import { readEnd } from '../../../../system/src/plainFile';

/** The directory lies at the end; that of a model has some four kilobytes, more with the state of an optimiser. */
const DIRECTORY_BYTES = 1 << 16;
/** What every PaliGemma has in it. Source: big_vision `models/ppp/gemma.py`. */
const MARK = 'llm/layers/attn/q_einsum/w.npy';

/** By the names of its arrays alone: what is wrong with one, the host says. */
export async function holdsBigVision(file: string): Promise<boolean> {
  return (await readEnd(file, DIRECTORY_BYTES))?.includes(MARK) === true;
}
