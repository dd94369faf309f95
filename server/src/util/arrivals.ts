/** Work that takes different times to get ready, and still arrives in the order in which it began. */

export interface Arrival {
  /** Resolves once everything that began before has left. Never rejects. */
  readonly turn: Promise<void>;
  /** Lets the next one through; to be called whatever happens. */
  leave(): void;
}

export class Arrivals {
  /** By line: settles when everybody who began there has left. */
  private readonly allLeft = new Map<string, Promise<void>>();

  /** Those of different lines do not wait for each other. */
  begin(line: string): Arrival {
    const turn = this.allLeft.get(line) ?? Promise.resolve();
    let leave = () => {};
    const left = new Promise<void>(resolve => {
      leave = resolve;
    });
    this.allLeft.set(line, turn.then(() => left));
    return { turn, leave };
  }
}
