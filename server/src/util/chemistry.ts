/** RDKit, which is a package of its own: 7 MB of WebAssembly that only the metric for molecules needs. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { errorCode } from './files';
import type { Chemistry } from '../../../metrics/src/molecules';

const PACKAGE = '@rdkit/rdkit';

/** What is used of it. Each molecule has to be given back. */
interface RdkitMolecule {
  get_smiles(details: string): string;
  get_morgan_fp_as_uint8array(details: string): Uint8Array;
  delete(): void;
}
interface Rdkit {
  get_mol(smiles: string, details?: string): RdkitMolecule | null;
}
type LoadRdkit = (options: { readonly print: () => void; readonly printErr: () => void }) => Promise<Rdkit>;

/** @throws Failure where the package is not installed. */
export async function loadChemistry(): Promise<Chemistry> {
  const rdkit = await loadRdkit();
  const read = <T>(smiles: string, details: string, use: (molecule: RdkitMolecule) => T): T | undefined => {
    const molecule = rdkit.get_mol(smiles, details);
    if (molecule === null) return undefined;
    try {
      return use(molecule);
    } finally {
      molecule.delete();
    }
  };
  return {
    canonical: (smiles, doIsomericSmiles) =>
      read(smiles, '{}', molecule => molecule.get_smiles(JSON.stringify({ doIsomericSmiles }))),
    isAtom: text => read(text, JSON.stringify({ sanitize: false }), () => true) === true,
    fingerprint: smiles =>
      read(smiles, '{}', molecule => molecule.get_morgan_fp_as_uint8array(JSON.stringify({ radius: 2, nBits: 2048 }))),
  };
}

async function loadRdkit(): Promise<Rdkit> {
  const quiet = () => undefined;
  try {
    const loaded: unknown = await import('@rdkit/rdkit');
    const { default: load } = loaded as { readonly default: LoadRdkit };
    return await load({ print: quiet, printErr: quiet });
  } catch (error) {
    if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(errorCode(error) ?? '')) throw error;
    throw new Failure(
      'environmentInvalid',
      l10n.t(
        'Molecules are compared by RDKit, which is not installed. Install it beside paligemma: npm install -g {0}',
        PACKAGE,
      ),
      { cause: error },
    );
  }
}
