import type * as nodeHttp2 from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { cutOff, type LinkLimits } from './request.ts';

/** One connection of HTTP/2, with any number of calls on it. */
export interface Http2Connection {
  /** Whether it takes new calls: it does until either side says that it ends. */
  isOpen(): boolean;
  /** Whether it is there, be it to end. */
  isConnected(): boolean;
  /** Whether it takes one more. Streams leave half of what the server allows to the requests. */
  hasRoom(isStream: boolean): boolean;
  /** Begins a call. */
  begin(headers: OutgoingHttpHeaders, hasBody: boolean): ClientHttp2Stream;
  /** How many bytes the server has sent. */
  heardBytes(): number;
  /** Whether the server has said that it did nothing for the call: it may be sent again, whatever it is. */
  isUnprocessed(stream: ClientHttp2Stream): boolean;
  /** A call got no answer in time; this much had been heard when it was sent. */
  doubt(heardBytes: number): void;
  /** Takes no new calls, and ends with the last that is underway. */
  retire(): void;
  /** Ends it at once, with all calls on it. */
  destroy(error?: Error): void;
}

/** As much as may be underway to one call that isn't read, and to all: Go's client has the same first one. */
const streamWindowBytes = 4 * 1024 * 1024;
const connectionWindowBytes = 64 * 1024 * 1024;
/** Node would refuse calls as soon as 10 MB are on their way to the server: ten large objects at once. */
const maxMemoryMb = 512;
/** What nghttp2 takes the server to allow until its settings have come. */
const assumedMaxStreams = 100;
/** The silence is measured this many times within its limit. */
const ticksPerSilence = 4;

/** Speaks HTTP/2 on a connection that was made for it. */
export function openHttp2(
  http2: typeof nodeHttp2,
  server: URL,
  socket: TLSSocket,
  limits: LinkLimits,
): Http2Connection {
  const session = http2.connect(server, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    maxSessionMemory: maxMemoryMb,
  });
  let underway = 0;
  let isRetired = false;
  let maxStreams = assumedMaxStreams;

  const isOpen = (): boolean => !isRetired && !session.closed && !session.destroyed;
  const destroy = (error?: Error): void => {
    session.destroy(error);
    // The session would first see its last bytes off: on a connection that is dead that never ends.
    socket.destroy();
  };
  const leave = (): void => {
    underway -= 1;
    if (underway > 0) return;
    if (isRetired) session.close();
    // Without a call it keeps no process alive, as the connections that an agent keeps.
    session.unref();
  };

  session.on('error', () => undefined);
  session.on('connect', () => {
    // It is told of a connection that was ended meanwhile, too.
    if (!session.destroyed) session.setLocalWindowSize(connectionWindowBytes);
  });
  session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
    maxStreams = maxConcurrentStreams;
  });
  session.unref();
  askInSilence(session, socket, () => underway > 0, limits, destroy);

  return {
    isOpen,
    isConnected: () => !session.destroyed,
    hasRoom: (isStream) => isOpen() && underway < (isStream ? Math.max(1, Math.floor(maxStreams / 2)) : maxStreams),
    begin(headers, hasBody) {
      const stream = session.request(headers, { endStream: !hasBody });
      if (underway === 0) session.ref();
      underway += 1;
      stream.once('close', leave);
      return stream;
    },
    heardBytes: () => socket.bytesRead,
    // nghttp2 says the same of the calls beyond the last one that a GOAWAY names.
    isUnprocessed: ({ rstCode }) => rstCode === http2.constants.NGHTTP2_REFUSED_STREAM,
    doubt(heardBytes) {
      // Since then nothing at all: it is dead (a laptop that slept, a NAT that forgot). Else the call alone was slow.
      if (socket.bytesRead === heardBytes) destroy(silent());
      else isRetired = true;
    },
    retire() {
      isRetired = true;
      if (underway === 0) session.close();
    },
    destroy,
  };
}

/**
 * Asks a connection whether it lives when it was silent with calls underway, and ends it when it doesn't say so: as
 * client-go does (ReadIdleTimeout and PingTimeout in k8s.io/apimachinery/pkg/util/net/http.go). Node sends no pings once
 * the server has announced its end: then TCP's own question remains.
 */
function askInSilence(
  session: ClientHttp2Session,
  socket: TLSSocket,
  isUsed: () => boolean,
  { pingMs, pongMs }: LinkLimits,
  destroy: (error: Error) => void,
): void {
  let heardBytes = 0;
  let silentTicks = 0;
  let late: NodeJS.Timeout | undefined;
  const tick = (): void => {
    const isSilent = isUsed() && socket.bytesRead === heardBytes;
    silentTicks = isSilent ? silentTicks + 1 : 0;
    heardBytes = socket.bytesRead;
    if (silentTicks < ticksPerSilence || late !== undefined) return;
    late = setTimeout(() => destroy(silent()), pongMs).unref();
    session.ping(() => {
      clearTimeout(late);
      late = undefined;
    });
  };
  const timer = setInterval(tick, pingMs / ticksPerSilence).unref();
  session.once('close', () => {
    clearInterval(timer);
    clearTimeout(late);
  });
}

/** For the calls on a connection that is dead: another one may do, so it isn't the timeout of each of them. */
function silent(): Error {
  return cutOff('no answer in time');
}
