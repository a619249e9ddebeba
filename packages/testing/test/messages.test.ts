/** Framing: the same messages, however the network cuts the stream. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClientFramer, type Framer, type Message, ServerFramer } from '../src/proxy/messages.js';
import { StatementReader } from '../src/proxy/statements.js';

function typed(type: string, body: Buffer | string = ''): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(body) + 4);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}

function untyped(code: number, body: string = ''): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length, 0);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, Buffer.from(body)]);
}

const ssl = untyped(80_877_103);
const startup = untyped(196_608, 'user\0me\0\0');

/** Pushes a stream in pieces that end at the given places. */
function framed(framer: Framer, stream: Buffer, cuts: readonly number[]): readonly Message[] {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
    (one, other) => one - other,
  );
  let from = 0;
  return ends.flatMap((end) => {
    const messages = framer.push(stream.subarray(from, end));
    from = end;
    return messages;
  });
}

const shape = (messages: readonly Message[]): readonly string[] =>
  messages.map(({ type, bytes }) => `${type} ${bytes.length}`);

describe('a client', () => {
  const stream = Buffer.concat([ssl, startup, typed('Q', 'select 1\0'), typed('S'), typed('X')]);
  const expected = ['ssl 8', `startup ${startup.length}`, 'Q 14', 'S 5', 'X 5'];

  test('its messages are found wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(shape(framed(new ClientFramer(), stream, cuts))).toEqual(expected);
      }),
    );
  });

  test('the messages together are the stream', () => {
    const messages = framed(new ClientFramer(), stream, [3, 20, 21]);
    expect(Buffer.concat(messages.map(({ bytes }) => bytes)).equals(stream)).toBe(true);
  });

  test('a cancel request and a request for GSS encryption', () => {
    expect(shape(new ClientFramer().push(untyped(80_877_102, '12345678')))).toEqual(['cancel 16']);
    expect(shape(new ClientFramer().push(untyped(80_877_104)))).toEqual(['gss 8']);
  });

  test.each([
    ['TLS from the first byte', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252])],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s passes unread', (_name, bytes) => {
    const framer = new ClientFramer();
    expect(shape(framer.push(bytes))).toEqual([`opaque ${bytes.length}`]);
    expect(shape(framer.push(typed('Q', 'commit\0')))).toEqual(['opaque 12']);
  });

  test('a length that cannot be passes unread', () => {
    const framer = new ClientFramer();
    framer.push(startup);
    expect(shape(framer.push(Buffer.from([81, 0, 0, 0, 3])))).toEqual(['opaque 5']);
  });
});

describe('a server', () => {
  test('its messages are found wherever the stream is cut', () => {
    const stream = Buffer.concat([typed('T', 'x'.repeat(300)), typed('D', 'yy'), typed('Z', 'I')]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(shape(framed(new ServerFramer(), stream, cuts))).toEqual(['T 305', 'D 7', 'Z 6']);
      }),
    );
  });

  test('a no to encryption is one byte, then all goes on', () => {
    const framer = new ServerFramer();
    framer.expectNegotiation();
    const messages = framer.push(Buffer.concat([Buffer.from('N'), typed('Z', 'I')]));
    expect(shape(messages)).toEqual(['negotiation 1', 'Z 6']);
  });

  test('after a yes nothing can be read', () => {
    const framer = new ServerFramer();
    framer.expectNegotiation();
    expect(shape(framer.push(Buffer.from('S')))).toEqual(['negotiation 1']);
    expect(shape(framer.push(typed('Z', 'I')))).toEqual(['opaque 6']);
  });
});

describe('which statement a message executes', () => {
  const message = (type: string, body: string): Message => ({ type, bytes: typed(type, body) });
  const bind = (portal: string, statement: string): Message =>
    message('B', `${portal}\0${statement}\0\0\0\0\0`);
  const execute = (portal: string): Message => message('E', `${portal}\0\0\0\0\0`);

  test('a simple query, and an extended one by its portal and statement', () => {
    const reader = new StatementReader();
    expect(reader.read(message('Q', 'select 1\0'))).toMatchObject({ sql: 'select 1' });
    expect(reader.read(message('P', 's\0commit\0\0\0'))).toBeUndefined();
    expect(reader.read(message('P', '\0select 2\0\0\0'))).toBeUndefined();
    expect(reader.read(bind('p', 's'))).toBeUndefined();
    expect(reader.read(bind('', ''))).toBeUndefined();
    expect(reader.read(execute('p'))).toMatchObject({ sql: 'commit', commands: ['COMMIT'] });
    expect(reader.read(execute(''))).toMatchObject({ sql: 'select 2', commands: [] });
  });

  test('a statement closed and prepared anew under its old name', () => {
    const reader = new StatementReader();
    reader.read(message('P', 's\0select 1\0\0\0'));
    reader.read(message('C', 'Ss\0'));
    reader.read(message('P', 's\0select 2\0\0\0'));
    reader.read(bind('', 's'));
    expect(reader.read(execute(''))).toMatchObject({ sql: 'select 2' });
  });

  test('a portal that nobody has bound is a statement without a text', () => {
    expect(new StatementReader().read(execute('p'))).toMatchObject({ sql: '', commands: [] });
  });
});
