/** How much each inference server gets to do at once: more while it keeps up, less as soon as it does not. */
import type { ServerTrace } from '../../../../model-host/src/contract/inferenceServer';
import type { Timers } from '../../util/timers';

/** Runs at once on a server that nothing is known of: its own batch does the rest. */
const FIRST_LIMIT = 8;
const HIGHEST_LIMIT = 64;
/** One overload is answered by one cut, however many runs met it. */
const CUT_PAUSE_MS = 1_000;
const OVERLOAD_CUT = 0.5;
const LATENCY_CUT = 0.8;
/** First text that comes later than this many times the usual has waited in a queue. */
const LATE_FACTOR = 4;
const LATE_MS = 2_000;
/** The usual time follows slowly what is slower, at once what is faster. */
const USUAL_DRIFT = 0.02;
/** How long a server that failed is set aside: this, then twice as long each time. */
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 120_000;

interface Load {
  running: number;
  /** When it was last taken, counted in places. */
  turn: number;
  /** Runs at once; a fraction grows until it counts. */
  limit: number;
  cutAt: number;
  usualMs: number | undefined;
  /** Set aside until then. */
  restsUntil: number;
  restMs: number;
}

/** A run's place on a server, until it is given back by one of its methods. */
export interface Place {
  /** The server to ask, then the others in the order in which to try them. */
  readonly urls: readonly string[];
  /** `firstTextMs`: until the first text came. */
  succeeded(trace: ServerTrace, firstTextMs: number): void;
  /** Every server was tried in vain. */
  failed(isOverload: boolean): void;
  /** The failure says nothing about the servers, or there was none. */
  release(): void;
}

export class ServerLoads {
  private readonly loads = new Map<string, Load>();
  private turns = 0;

  constructor(private readonly timers: Timers) {}

  /** Runs that the servers that are well would take now; where none is well, all of them count. */
  freePlaces(urls: readonly string[]): number {
    return this.usable(urls).reduce((sum, url) => sum + this.free(url), 0);
  }

  /** Runs that they would take at once if they had nothing to do. */
  allPlaces(urls: readonly string[]): number {
    return this.usable(urls).reduce((sum, url) => sum + Math.floor(this.load(url).limit), 0);
  }

  /** Takes a place on the server with most room; equal ones in turn. */
  take(urls: readonly string[]): Place {
    const usable = new Set(this.usable(urls));
    const order = [...urls].sort((a, b) =>
      Number(usable.has(b)) - Number(usable.has(a)) || this.free(b) - this.free(a)
      || this.load(a).turn - this.load(b).turn
    );
    const [first] = order;
    const taken = first === undefined ? undefined : this.load(first);
    if (taken !== undefined) {
      taken.running++;
      taken.turn = ++this.turns;
    }
    let isBack = false;
    const giveBack = () => {
      if (taken !== undefined && !isBack) taken.running--;
      isBack = true;
    };
    return {
      urls: order,
      succeeded: (trace, firstTextMs) => {
        const wasFull = taken !== undefined && taken.running >= Math.floor(taken.limit);
        giveBack();
        this.learn(trace, firstTextMs, wasFull);
      },
      failed: isOverload => {
        giveBack();
        for (const url of order) this.setBack(url, isOverload);
      },
      release: giveBack,
    };
  }

  private usable(urls: readonly string[]): readonly string[] {
    const well = urls.filter(url => this.load(url).restsUntil <= this.timers.now());
    return well.length === 0 ? urls : well;
  }

  private free(url: string): number {
    const { limit, running } = this.load(url);
    return Math.max(0, Math.floor(limit) - running);
  }

  private load(url: string): Load {
    let load = this.loads.get(url);
    if (load === undefined) {
      this.loads.set(
        url,
        load = {
          running: 0,
          turn: 0,
          limit: FIRST_LIMIT,
          cutAt: -Infinity,
          usualMs: undefined,
          restsUntil: -Infinity,
          restMs: FIRST_REST_MS,
        },
      );
    }
    return load;
  }

  private learn({ url, setbacks }: ServerTrace, firstTextMs: number, wasFull: boolean): void {
    for (const setback of setbacks) this.setBack(setback.url, setback.isOverload);
    const load = this.load(url);
    if (setbacks.some(setback => setback.url === url)) {
      // It has answered after all; the time says nothing, since it has the waits in it.
      load.restsUntil = -Infinity;
      return;
    }
    load.restMs = FIRST_REST_MS;
    const { usualMs = firstTextMs } = load;
    load.usualMs = firstTextMs < usualMs ? firstTextMs : usualMs + (firstTextMs - usualMs) * USUAL_DRIFT;
    if (firstTextMs > Math.max(usualMs * LATE_FACTOR, usualMs + LATE_MS)) this.cut(load, LATENCY_CUT);
    // One more for each round of as many runs, and only where the limit was what held them up.
    else if (wasFull) load.limit = Math.min(HIGHEST_LIMIT, load.limit + 1 / load.limit);
  }

  private setBack(url: string, isOverload: boolean): void {
    const load = this.load(url);
    if (isOverload) return this.cut(load, OVERLOAD_CUT);
    const now = this.timers.now();
    if (load.restsUntil > now) return;
    load.restsUntil = now + load.restMs;
    load.restMs = Math.min(LONGEST_REST_MS, load.restMs * 2);
    load.limit = Math.min(load.limit, FIRST_LIMIT);
  }

  private cut(load: Load, factor: number): void {
    const now = this.timers.now();
    if (now - load.cutAt < CUT_PAUSE_MS) return;
    load.cutAt = now;
    load.limit = Math.max(1, load.limit * factor);
  }
}
