import { createInterface } from 'node:readline';
import { tameText } from '../../../../paligemma/src/plainText';
import { CancelledError } from '../../util/cancellation';
import type { VerbContext } from './verb';

/** Whether a person is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Yes by `y` or `yes` only. @throws CancelledError after Ctrl+C. */
export async function isAgreed({ interrupt }: VerbContext, question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const subscription = interrupt.token.onCancellationRequested(() => reject(new CancelledError()));
      lines.on('SIGINT', () => reject(new CancelledError()));
      lines.once('close', () => resolve(false));
      lines.question(`${tameText(question)} [y/N] `, answer => {
        subscription.dispose();
        resolve(/^y(es)?$/i.test(answer.trim()));
      });
    });
  } finally {
    lines.close();
  }
}
