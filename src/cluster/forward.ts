import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { interrupted } from '../errors.ts';
import { formatPod, type PodName, podPath } from './api.ts';
import { listenTo, writeMessage } from './channels.ts';
import { failureOf, refused } from './errors.ts';
import type { Transport } from './transport.ts';

const protocols = ['v4.channel.k8s.io'];
const dataChannel = 0;
const errorChannel = 1;
/** Both channels begin with the number of the port, little-endian. */
const headBytes = 2;

/**
 * Opens one TCP connection to a port of a pod. The stream fails with the kubelet's words where nothing listens on the
 * port, and with an interruption where the signal fires. There is no half-close: it ends as a whole.
 *
 * @throws DeployError `refused` where the cluster can't be reached or refuses.
 */
export async function forwardPort(
  transport: Transport,
  pod: PodName,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  const query = { ports: String(port) };
  const dialed = await transport.socket({ path: podPath(pod, 'portforward'), query, protocols }, signal);
  const doing = `forward port ${port} of ${formatPod(pod)}`;
  if ('refusal' in dialed) throw refused(doing, failureOf(dialed.refusal));
  return streamOf(dialed.socket, signal);
}

/** The connection inside a paused WebSocket. */
function streamOf(socket: WebSocket, signal: AbortSignal): Duplex {
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write(chunk: Buffer, _, done) {
      socket.send(writeMessage(dataChannel, chunk), (error) => done(error));
    },
    destroy(error, done) {
      signal.removeEventListener('abort', abort);
      if (error === null) socket.close(1000);
      else socket.terminate();
      // A paused socket would never read that the other side has closed, too.
      socket.resume();
      done(error);
    },
  });
  const abort = (): void => {
    stream.destroy(interrupted());
  };
  const skip = [headBytes, headBytes];
  listenTo(socket, {
    message({ channel, data }) {
      if (stream.destroyed || (channel !== dataChannel && channel !== errorChannel)) return;
      const rest = data.subarray(skip[channel]);
      skip[channel] = Math.max(0, (skip[channel] ?? 0) - data.length);
      if (rest.length === 0) return;
      if (channel === errorChannel) stream.destroy(new Error(rest.toString('utf8').trim()));
      else if (!stream.push(rest)) socket.pause();
    },
    closed(why) {
      if (why !== undefined) stream.destroy(Object.assign(new Error(why), { code: 'ECONNRESET' }));
      else if (!stream.destroyed) stream.push(null);
    },
  });
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
  return stream;
}
