import type { Disposable } from 'vscode';

/** Owns disposables: late additions are disposed at once, and a failing one does not keep the others alive. */
export class DisposableStore implements Disposable {
  private readonly owned = new Set<Disposable>();
  private isDisposed = false;

  add<T extends Disposable>(disposable: T): T {
    if (this.isDisposed) disposable.dispose();
    else this.owned.add(disposable);
    return disposable;
  }

  /** @throws AggregateError with what the owned parts threw, after all of them were disposed. */
  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    const failures: unknown[] = [];
    for (const disposable of [...this.owned].reverse()) {
      try {
        disposable.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    this.owned.clear();
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts could not be disposed.');
  }
}
