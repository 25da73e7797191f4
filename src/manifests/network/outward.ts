import type { TextRead } from './texts-read.ts';

/** What pods ask outside of their namespace, as a text that they read says. Its host isn't kept: a Secret may be where it stands. */
export interface Outward {
  /** The variable or key whose text it is; empty for an argument. */
  readonly from: string;
  /** TCP; 0 where the text names a host alone, and nothing tells its port. */
  readonly port: number;
  /** A cache, broker or database; what may be anywhere, such as a web API or a mail server; or pods of another namespace. */
  readonly place: 'data' | 'anywhere' | { readonly namespace: string };
  /** Whether it is a service of AWS: those of data are where the subnets of data are. */
  readonly isOfAws: boolean;
}

/** What is asked of a host of this name where no port is said. */
const usualPorts: readonly (readonly [name: RegExp, port: number])[] = [
  [/redis|valkey|elasticache/i, 6379],
  [/mongo|documentdb|docdb/i, 27017],
  [/postgres|\bpg/i, 5432],
  [/mysql|mariadb|aurora/i, 3306],
  [/rabbit|amqp/i, 5671],
  [/opensearch|elasticsearch/i, 443],
  [/memcache/i, 11211],
];

const webSchemes: Readonly<Record<string, number>> = { https: 443, wss: 443, http: 80, ws: 80 };

const schemes: Readonly<Record<string, number>> = {
  ...webSchemes,
  redis: 6379,
  rediss: 6379,
  mongodb: 27017,
  'mongodb+srv': 27017,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  sqlserver: 1433,
  amqps: 5671,
  amqp: 5672,
  nats: 4222,
  sftp: 22,
  ssh: 22,
  smtp: 587,
  smtps: 465,
  ldap: 389,
  ldaps: 636,
};

/** A mail server takes mail of everybody: SES and others are no hosts of the VPC. */
const mailPorts: ReadonlySet<number> = new Set([25, 465, 587, 2525]);

const domain = String.raw`(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]`;
// Those of this machine or of its links are no hosts outside: what a pod listens on is written so.
const address = String.raw`(?!0\.|127\.|169\.254\.)(?:\d{1,3}\.){3}\d{1,3}`;
const host = `(?:${domain}|${address})`;
const withScheme = new RegExp(String.raw`\b([a-z][a-z0-9+.-]*)://(?:[^/@\s]*@)?((?:${host}(?::\d+)?,?)+)`, 'gi');
const withPort = new RegExp(String.raw`(?:^|[\s,;=@/])(${host}):(\d{2,5})(?=$|[\s,;/?])`, 'gi');
// Of ADO.NET and its like: `Host=db.example.com;Port=5433`, `Server=tcp:db.example.com,1433`.
const inPairs = new RegExp(
  String.raw`(?:^|;)\s*(?:host|server|data source|address)\s*=\s*(?:tcp:)?(${host})(?:,(\d{2,5}))?\s*(?=;|$)`,
  'gi',
);
const portInPairs = /(?:^|;)\s*port\s*=\s*(\d{2,5})\s*(?=;|$)/i;
const alone = new RegExp(`^${host}$`, 'i');
const inCluster = /(?:[a-z0-9-]+\.)?[a-z0-9-]+\.([a-z0-9-]+)\.svc(?![a-z0-9-])(?:\.[a-z0-9.-]+)?(?::\d+)?/gi;

/** What the name of a variable or key ends with that holds a host: what is before it is what its port begins with, too. */
const hostName = /^(.+?)[_.-]*(?:host|hostname|server|endpoint|address|addr)$/i;

/**
 * What pods ask outside of their namespace, from the texts that they read: connection strings, URLs, lists of brokers, a host
 * and its port in two texts (`SMTP_HOST`, `SMTP_PORT`), and hosts alone whose name tells what they are. Each port of a text once.
 */
export function outwardIn(texts: readonly TextRead[], namespace: string): readonly Outward[] {
  const found = texts.flatMap((text) => [...elsewhereIn(text, namespace), ...hostsIn(text, texts)]);
  const byKey = new Map(found.map((one) => [JSON.stringify([one.from, one.port, one.place]), one]));
  return [...byKey.values()].filter(({ port }) => port < 65_536).toSorted((a, b) => a.port - b.port);
}

/** The Services of other namespaces: `auth.identity.svc`, however long the name of the cluster is after it. */
function elsewhereIn({ name, text }: TextRead, own: string): readonly Outward[] {
  return [...text.matchAll(inCluster)].flatMap(([, namespace = '']) =>
    namespace === own ? [] : [{ from: name, port: 0, place: { namespace }, isOfAws: false }],
  );
}

function hostsIn(read: TextRead, texts: readonly TextRead[]): readonly Outward[] {
  const text = read.text.replaceAll(inCluster, '').trim();
  const outward = (name: string, port: number, scheme = ''): Outward => ({
    from: read.name,
    port,
    place: scheme in webSchemes || scheme === 'mongodb+srv' || mailPorts.has(port) ? 'anywhere' : 'data',
    isOfAws: /\.amazonaws\.com(?:\.cn)?$/i.test(name),
  });
  const bySchemes = [...text.matchAll(withScheme)].flatMap(([, written = '', hosts = '']) => {
    const scheme = written.toLowerCase();
    return hosts
      .split(',')
      .filter((one) => one !== '')
      .map((one) => /^(.*?)(?::(\d+))?$/.exec(one))
      .map((parts) => outward(parts?.[1] ?? '', Number(parts?.[2] ?? schemes[scheme] ?? 0), scheme))
      .filter(({ port }) => port > 0);
  });
  const byPorts = [...text.replaceAll(withScheme, '').matchAll(withPort)].map(([, name = '', port]) =>
    outward(name, Number(port)),
  );
  const byPairs = [...text.matchAll(inPairs)].map(([, name = '', port]) =>
    outward(name, Number(port ?? portInPairs.exec(text)?.[1] ?? usualPortOf(read.name, name) ?? 0)),
  );
  if (!alone.test(text)) return [...bySchemes, ...byPorts, ...byPairs];
  const port = portBeside(read.name, texts) ?? usualPortOf(read.name, text);
  const isHost = port !== undefined || hostName.test(read.name);
  return isHost ? [outward(text, port ?? 0)] : [];
}

/** `SMTP_PORT` beside `SMTP_HOST`. */
function portBeside(name: string, texts: readonly TextRead[]): number | undefined {
  const [, stem] = hostName.exec(name) ?? [];
  if (stem === undefined) return undefined;
  const beside = texts.find(({ name: other }) => {
    const [, rest] = /^(.*?)[_.-]*port$/i.exec(other) ?? [];
    return rest?.toLowerCase() === stem.toLowerCase();
  });
  return beside !== undefined && /^\d{2,5}$/.test(beside.text.trim()) ? Number(beside.text) : undefined;
}

function usualPortOf(name: string, text: string): number | undefined {
  return usualPorts.find(([pattern]) => pattern.test(name) || pattern.test(text))?.[1];
}
