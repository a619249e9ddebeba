/** A proxied connection: a client's socket, a server's socket, and what goes wrong between them. */
import type { Socket } from 'node:net';
import { AnswerWatch, Cycles } from './answer.js';
import type { Fired } from './fault-queue.js';
import type { Ending, Firing } from './faults.js';
import { harm, type Link, type Spoilt } from './harm.js';
import { Lane } from './lane.js';
import { ClientFramer, type Message, ServerFramer } from './messages.js';
import { finish, finishAfterWriting, send } from './socket.js';
import { type ClientEvent, StatementReader } from './statements.js';

/** What a connection needs of its proxy. */
export interface Surroundings {
  readonly delayToServer: () => number;
  readonly delayToClient: () => number;
  /** Whether a request for encryption is answered with no; otherwise the server decides. */
  readonly refuseEncryption: boolean;
  /** Counts a round trip. */
  readonly onRoundTrip: () => void;
  /** Counts an event. */
  readonly onEvent: (event: ClientEvent) => void;
  /** The fault that an event sets off. */
  readonly faultFor: (event: ClientEvent, firing: Firing) => Fired | undefined;
  readonly onClose: (connection: Connection) => void;
}

export class Connection implements Link {
  readonly #id: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #around: Surroundings;
  readonly #reader: StatementReader = new StatementReader();
  readonly #cycles: Cycles = new Cycles();
  readonly #clientFramer: ClientFramer = new ClientFramer();
  readonly #serverFramer: ServerFramer = new ServerFramer();
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  readonly #closeActions: (() => void)[] = [];
  readonly #releases: Set<() => void> = new Set();
  #spoilt: (Spoilt & { readonly watch: AnswerWatch }) | undefined;
  #askedTold = false;
  /** Whether the client has been told something since it last spoke. */
  #told = true;
  #clientCut = false;
  #open = 2;

  constructor(id: number, client: Socket, server: Socket, around: Surroundings) {
    this.#id = id;
    this.#client = client;
    this.#server = server;
    this.#around = around;
    this.#toServer = new Lane({
      source: client,
      framer: this.#clientFramer,
      delay: around.delayToServer,
      onMessage: (message) => this.#fromClient(message),
      onEnd: (ending) => finish(server, ending),
    });
    this.#toClient = new Lane({
      source: server,
      framer: this.#serverFramer,
      delay: around.delayToClient,
      onMessage: (message) => this.#fromServer(message),
      onEnd: (ending) => this.#serverEnded(ending),
    });
    for (const socket of [client, server]) socket.once('close', () => this.#closed());
  }

  freeze(reason: string): void {
    this.#toServer.freeze(reason);
    this.#toClient.freeze(reason);
  }

  thaw(reason: string): void {
    this.#toServer.thaw(reason);
    this.#toClient.thaw(reason);
  }

  pass(message: Message): void {
    const encrypt = message.type === 'ssl' || message.type === 'gss';
    if (encrypt && this.#around.refuseEncryption) {
      send(this.#client, Buffer.from('N'));
      return;
    }
    if (encrypt) this.#serverFramer.expectNegotiation();
    if (message.type === 'opaque') this.#serverFramer.becomeOpaque();
    this.#cycles.fromClient(message);
    this.#spoilt?.watch.fromClient(message);
    if (!send(this.#server, message.bytes)) this.#toServer.jam(this.#server);
    if (this.#askedTold || this.#spoilt?.watch.asked !== true) return;
    this.#askedTold = true;
    this.#spoilt.onAsked?.();
  }

  tell(message: Message): void {
    this.#told = true;
    if (!send(this.#client, message.bytes)) this.#toClient.jam(this.#client);
  }

  spoil(message: Message, spoilt: Spoilt): void {
    this.#spoilt = { ...spoilt, watch: new AnswerWatch(this.#cycles, message) };
    this.#askedTold = false;
    this.pass(message);
  }

  cutClient(how: Ending): void {
    this.#clientCut = true;
    this.#toServer.abandon();
    finishAfterWriting(this.#client, how);
  }

  leaveServer(): void {
    this.#toClient.abandon();
    finish(this.#server, 'fin');
  }

  untilResumed(release: () => void): void {
    this.#releases.add(release);
  }

  atClose(action: () => void): void {
    this.#closeActions.push(action);
  }

  /** Releases what stalls. */
  resume(): void {
    const releases = [...this.#releases];
    this.#releases.clear();
    for (const release of releases) release();
  }

  /** Ends both sides now. */
  cut(how: Ending): void {
    this.cutClient(how);
    this.leaveServer();
  }

  /** Ends both sides, whatever they are in. */
  destroy(): void {
    this.#toServer.abandon();
    this.#toClient.abandon();
    this.#client.destroy();
    this.#server.destroy();
  }

  #fromClient(message: Message): void {
    if (this.#told) this.#around.onRoundTrip();
    this.#told = false;
    const event = this.#reader.read(message);
    const fired = event === undefined ? undefined : this.#met(event);
    if (fired === undefined) this.pass(message);
    else harm(this, message, fired);
  }

  #met(event: ClientEvent): Fired | undefined {
    this.#around.onEvent(event);
    // One harm at a time: while an answer is being spoilt, statements behind it set nothing off.
    if (this.#spoilt !== undefined) return undefined;
    const sql = event.kind === 'statement' ? event.sql : undefined;
    return this.#around.faultFor(event, { connection: this.#id, sql });
  }

  #fromServer(message: Message): void {
    // Anything but a no: encryption begins, or the server did not understand.
    if (message.type === 'negotiation' && message.bytes[0] !== 'N'.charCodeAt(0)) {
      this.#clientFramer.becomeOpaque();
    }
    const spoilt = this.#spoilt;
    const current = spoilt?.watch.current === true;
    this.#cycles.fromServer(message);
    if (spoilt === undefined || !current) {
      this.tell(message);
      return;
    }
    const last = spoilt.watch.fromServer(message);
    if (last) this.#spoilt = undefined;
    spoilt.onAnswer(message, last, spoilt.watch);
  }

  #serverEnded(ending: Ending): void {
    const spoilt = this.#spoilt;
    this.#spoilt = undefined;
    spoilt?.onServerEnd?.();
    if (this.#clientCut) finish(this.#server, 'fin');
    else finish(this.#client, ending);
  }

  #closed(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    for (const action of this.#closeActions) action();
    this.#around.onClose(this);
  }
}
