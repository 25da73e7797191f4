import type { TextRead } from './texts-read.ts';

/** What is asked of a host of this name where no port is said. */
const usualPorts: readonly (readonly [name: RegExp, port: number])[] = [
  [/redis|valkey|elasticache/i, 6379],
  [/mongo|documentdb|docdb/i, 27017],
  [/postgres|\bpg/i, 5432],
  [/mysql|mariadb|aurora/i, 3306],
  [/rabbit|amqp/i, 5671],
  [/opensearch|elasticsearch/i, 443],
];

const schemes: Readonly<Record<string, number>> = {
  https: 443,
  wss: 443,
  http: 80,
  ws: 80,
  redis: 6379,
  rediss: 6379,
  mongodb: 27017,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  amqps: 5671,
  amqp: 5672,
};

const host = String.raw`(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]`;
const withScheme = new RegExp(String.raw`\b([a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?((?:${host}(?::\d+)?,?)+)`, 'gi');
const withPort = new RegExp(String.raw`(?:^|[\s,;=@/])${host}:(\d{2,5})(?=$|[\s,;/?])`, 'gi');
const alone = new RegExp(String.raw`^${host}$`, 'i');

/**
 * The TCP ports on which pods ask hosts outside of their namespace, from the texts that they read: connection strings, URLs,
 * lists of brokers, and hosts alone whose name tells what they are. Names of the cluster itself are no hosts outside.
 */
export function outwardPorts(texts: readonly TextRead[]): readonly number[] {
  const ports = texts.flatMap(({ name, text: whole }) => {
    const text = whole.replaceAll(/[a-z0-9-]+(?:\.[a-z0-9-]+)?\.svc(?:\.[a-z0-9.-]+)?(?::\d+)?/gi, '');
    const bySchemes = [...text.matchAll(withScheme)].flatMap(([, scheme = '', hosts = '']) =>
      hosts
        .split(',')
        .filter((one) => one !== '')
        .map((one) => Number(/:(\d+)$/.exec(one)?.[1] ?? schemes[scheme.toLowerCase()] ?? 0)),
    );
    const byPorts = [...text.matchAll(withPort)].map(([, port]) => Number(port));
    const usual = usualPorts.find(([pattern]) => pattern.test(name) || pattern.test(text))?.[1];
    return [...bySchemes, ...byPorts, ...(alone.test(text.trim()) && usual !== undefined ? [usual] : [])];
  });
  return [...new Set(ports.filter((port) => port > 0 && port < 65_536))].toSorted((a, b) => a - b);
}
