/**
 * Loaded into server and host (see `buildPreload`): a wall clock that jumps between a week ahead and a week behind,
 * from one look at it to the next, as where a machine's clock is set while it works. The monotonic clock and timers
 * stay as they are.
 */
const jumpMs = 7 * 24 * 3600 * 1000;
const state = { isAhead: false };
const { now } = Date;

function jumpingNow(): number {
  state.isAhead = !state.isAhead;
  return now() + (state.isAhead ? jumpMs : -jumpMs);
}

globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [jumpingNow()] : args, newTarget) as object,
  get: (target, name, receiver) => (name === 'now' ? jumpingNow : Reflect.get(target, name, receiver) as unknown),
});
