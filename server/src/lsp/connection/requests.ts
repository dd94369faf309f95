/** Where every request of the client is registered, and the one way in which it is answered. */
import * as l10n from '@vscode/l10n';
import {
  ErrorCodes,
  ResponseError,
  type CancellationToken,
  type RequestHandler,
  type RequestType,
  type RequestType0,
} from 'vscode-jsonrpc/node';
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver/node';
import { tameText } from '../../../../paligemma/src/plainText';
import { CancelledError } from '../../util/cancellation';
import { toResponseError } from '../../util/failure';
import type { Log } from '../../util/log';
import { loggedFailure } from '../../util/loggedFailure';

type Answer<R> = R | Promise<R>;

export class Requests {
  private isShutDown = false;

  constructor(private readonly connection: Connection, private readonly log: Log) {
    connection.onRequest(method => {
      this.refuseAfterShutdown();
      throw new ResponseError(ErrorCodes.MethodNotFound, tameText(l10n.t('The server knows no request {0}.', method)));
    });
  }

  /**
   * Listens for `type`. What the handler throws is answered with a row of the table of failures; a bug goes to the log
   * with its stack.
   */
  on<P, R, E>(type: RequestType<P, R, E>, handler: (params: P, token: CancellationToken) => Answer<R>): void;
  on<R, E>(type: RequestType0<R, E>, handler: (token: CancellationToken) => Answer<R>): void;
  on(type: { readonly method: string }, handler: (...args: never[]) => unknown): void {
    // With or without parameters: what the overloads say of them holds.
    const answered = this.answered(handler as (...args: unknown[]) => unknown) as RequestHandler<
      unknown,
      unknown,
      unknown
    >;
    this.connection.onRequest(type as RequestType<unknown, unknown, unknown>, answered);
  }

  onInitialize(handler: (params: InitializeParams) => InitializeResult): void {
    this.connection.onInitialize(this.answered(handler));
  }

  /** From this request on, every other one is answered with an error. Source: LSP 3.17, "Shutdown Request". */
  onShutdown(handler: () => Promise<void>): void {
    this.connection.onShutdown(this.answered(() => {
      this.isShutDown = true;
      return handler();
    }));
  }

  private answered<A extends unknown[], R>(handler: (...args: A) => Answer<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      this.refuseAfterShutdown();
      try {
        return await handler(...args);
      } catch (error) {
        if (!(error instanceof CancelledError)) loggedFailure(error, this.log, 'lsp.request');
        throw toResponseError(error);
      }
    };
  }

  private refuseAfterShutdown(): void {
    if (this.isShutDown) {
      throw new ResponseError(
        ErrorCodes.InvalidRequest,
        l10n.t('The server was told to shut down; it no longer answers.'),
      );
    }
  }
}
