import { StringDecoder } from 'node:string_decoder';
import type { ApiResponse, ApiStream } from './api.ts';

/** The lines of an answer as they come. Throws where the connection breaks or stalls. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** As much of a refusal as anyone will read. */
const maxRefusalLength = 65_536;

/** A stream that turned out to be a refusal, read whole; what can't be read is left out. */
export async function readRefusal({ status, lines }: ApiStream): Promise<ApiResponse> {
  const read: string[] = [];
  let length = 0;
  try {
    for await (const line of lines) {
      read.push(line);
      length += line.length;
      if (length > maxRefusalLength) break;
    }
  } catch {
    // The status says enough.
  }
  return { status, text: read.join('\n'), warnings: [] };
}
