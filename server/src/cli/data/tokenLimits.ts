/** How many tokens the model of a check takes, and its own count of them. */
import { Failure } from '../../../../paligemma/src/failures';
import type { TokenLimits } from '../../dataSets/checks/checkFile';
import { tokenSpace } from '../../language/knowledge/tokenSpace';
import type { Session } from '../terminal/session';

/**
 * Of the model of this name, else of the best one that is installed.
 * @returns Undefined where tokens cannot be counted, which `note` is told once.
 * @throws Failure `modelMissing` for a name that is none.
 */
export async function tokenLimits(
  { catalog, host }: Pick<Session, 'catalog' | 'host'>,
  name: string | undefined,
  note: (line: string) => void,
): Promise<TokenLimits | undefined> {
  const none = (why: string) => {
    note(`Note: tokens are not counted: ${why}.`);
    return undefined;
  };
  const model = await catalog.choose(name).catch((error: unknown) => {
    if (name === undefined && error instanceof Failure) return undefined;
    throw error;
  });
  if (model === undefined || (name === undefined && model.isDemo)) {
    return none('no PaliGemma 2 model is on this machine; name a folder of one with --model');
  }
  const { path: modelPath, id } = model;
  if (modelPath === undefined) return none(`${id} is on a server, and its tokenizer is not on this machine`);
  const space = tokenSpace(id, await catalog.list());
  if (space === undefined) return none(`how many ${id} was trained with is not known`);
  let isOver = false;
  return {
    ...space,
    count: async (texts, token) => {
      if (isOver) return [];
      try {
        return await host.use(client => client.countTokens({ modelPath, texts }, token), token);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        isOver = true;
        note(`Note: tokens are not counted: ${error.message}`);
        return [];
      }
    },
  };
}
