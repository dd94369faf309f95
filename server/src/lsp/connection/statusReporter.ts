/** What the status item shows, from what the host and the runs do. */
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import type { ServerState, ServerStatus } from '../../contract/protocol';
import type { HostState } from '../../host/hostProcess';
import { hostsOf, isServerName, readServerName } from '../../../../paligemma/src/serverNames';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import type { RunObserver } from '../../runs/runner';

export class StatusReporter implements RunObserver {
  private hostState: HostState = 'stopped';
  private activity: 'loading' | 'running' | undefined;
  private model: string | undefined;
  private note: string | undefined;
  private failure: string | undefined;
  private deviceReason: string | undefined;
  private last: Pick<ServerStatus, 'device' | 'lastTimings'> = {};
  private sent = '';

  /** `send` is called on every change, and only then. */
  constructor(private readonly send: (status: ServerStatus) => void) {}

  get status(): ServerStatus {
    const { failure, note, deviceReason, model, last } = this;
    const told = [note, deviceReason].filter(line => line !== undefined);
    const detail = failure ?? (told.length === 0 ? undefined : told.join(' '));
    const sendsTo = model !== undefined && isServerName(model) ? hostsOf(readServerName(model).urls) : undefined;
    return {
      state: this.state(sendsTo !== undefined),
      ...(model === undefined ? {} : { model }),
      ...last,
      ...(sendsTo === undefined ? {} : { sendsTo }),
      ...(detail === undefined ? {} : { detail }),
    };
  }

  hostChanged(state: HostState): void {
    this.hostState = state;
    if (state !== 'ready') this.activity = undefined;
    if (state === 'stopped') {
      this.last = {};
      this.deviceReason = undefined;
    }
    this.update();
  }

  /** The model that a run without a model of its own would take. `failure`: why there is none. */
  modelChosen(model: string | undefined, note: string | undefined, failure?: string): void {
    this.model = model;
    this.note = note;
    this.failure = failure;
    this.update();
  }

  /**
   * Why a model does not run on the device that `auto` would have preferred; holds until the host ends or a run is on
   * another device.
   */
  deviceFellBack(reason: string): void {
    this.deviceReason = reason;
    this.update();
  }

  progress(model: string, progress: RunProgress): void {
    this.model = model;
    this.failure = undefined;
    this.activity = progress.kind === 'phase' && (progress.phase === 'convert' || progress.phase === 'load')
      ? 'loading'
      : 'running';
    this.update();
  }

  done({ model, device, timings, fromStore }: RunResult): void {
    this.activity = undefined;
    if (!fromStore) {
      this.model = model;
      this.failure = undefined;
      this.last = { device, lastTimings: timings };
      if (device !== 'cpu') this.deviceReason = undefined;
    }
    this.update();
  }

  failed(_model: string, error: unknown): void {
    this.activity = undefined;
    if (!(error instanceof CancelledError)) {
      const { kind, message } = toFailure(error);
      // A picture that cannot be read says nothing about the model.
      if (kind !== 'user') this.failure = message;
    }
    this.update();
  }

  /** A server is ready without a host of this machine. */
  private state(isRemote: boolean): ServerState {
    if (isRemote) return this.failure === undefined ? this.activity ?? 'ready' : 'failed';
    if (this.hostState === 'failed') return 'failed';
    if (this.hostState === 'starting') return 'starting';
    if (this.activity !== undefined && this.hostState === 'ready') return this.activity;
    if (this.failure !== undefined) return 'failed';
    return this.hostState === 'ready' ? 'ready' : 'idle';
  }

  private update(): void {
    const { status } = this;
    const text = JSON.stringify(status);
    if (text === this.sent) return;
    this.sent = text;
    this.send(status);
  }
}
