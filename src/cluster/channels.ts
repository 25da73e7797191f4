import type { RawData, WebSocket } from 'ws';

/** One message of Kubernetes' channel protocols: its first byte is the channel. */
export interface ChannelMessage {
  readonly channel: number;
  readonly data: Buffer;
}

/** Reads a message, however it came; undefined for one without a channel. */
function readMessage(raw: RawData): ChannelMessage | undefined {
  const bytes = Array.isArray(raw) ? Buffer.concat(raw) : Buffer.isBuffer(raw) ? raw : Buffer.from(raw);
  return bytes.length === 0 ? undefined : { channel: bytes.readUInt8(0), data: bytes.subarray(1) };
}

/** A message for a channel. */
export function writeMessage(channel: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([channel]), data]);
}

export interface ChannelListener {
  message(message: ChannelMessage): void;
  /** The last call. `why` where the connection didn't end as agreed: it broke, or the other side gave a reason. */
  closed(why: string | undefined): void;
}

/** Listens to a paused socket and lets it go on. */
export function listenTo(socket: WebSocket, listener: ChannelListener): void {
  let broken: string | undefined;
  socket.on('message', (raw: RawData) => {
    const message = readMessage(raw);
    if (message !== undefined) listener.message(message);
  });
  socket.on('error', (error) => {
    broken = error.message;
  });
  socket.on('close', (code, reason) => {
    const why = reason.length > 0 ? reason.toString('utf8') : `the connection was cut (${code})`;
    listener.closed(code === 1000 || code === 1005 ? undefined : (broken ?? why));
  });
  socket.resume();
}
