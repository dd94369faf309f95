/** Where the answer to one prompt of a file on one picture is stored. */
import type { RunKey } from '../../language/knowledge/context';
import type { PreparedModel, Runner } from '../../runs/runner';

/** @param model As the file names it. @param sha256 Of the picture that was looked at. */
export function storedKeyOf(
  { prompt, settings: { maxNewTokens, locDivisor, tiles } }: RunKey,
  { model, imagePath, sha256 }: { readonly model: PreparedModel; readonly imagePath: string; readonly sha256: string },
  runner: Pick<Runner, 'keyOf'>,
): string {
  return runner.keyOf({ model, imagePath, prompt, maxNewTokens, locDivisor, tiles }, sha256);
}
