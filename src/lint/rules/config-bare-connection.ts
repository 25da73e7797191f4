import { openInputsIn, openValueOf } from '../../model/open.ts';
import type { Rule } from '../rule.ts';
import { configValuesOf, variablesOf } from '../values.ts';

/** Names under which programs look for a whole connection string. */
const connectionName =
  /connection[_-]?strings?(__|$)|conn(ection)?[_-]?str$|(^|[_-])(database|db|mongo(db)?|redis|postgres(ql)?|mysql|rabbitmq|amqp)[_-](url|uri|dsn)$/i;
/** A host, without a port or anything else. */
const bareHost = /^(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/i;
/** The input of an open place that stands for one. */
const hostInput = /(endpoint|host|hostname|address|server)s?$/;

export const configBareConnection: Rule = {
  id: 'config/bare-connection',
  severity: 'warning',
  summary: 'what is named as a connection string is just a host: no scheme, no port, no credentials, no TLS',
  fix: 'Compose it (compose: of an input): mongodb://user:password@host:27017/?tls=true, or host:6379,ssl=True for Redis; with credentials in a Secret.',
  run: (facts) =>
    [...variablesOf(facts), ...configValuesOf(facts)]
      .filter(({ name, value }) => connectionName.test(name) && value !== undefined && isBare(value))
      .map(({ manifest, path, name, value = '' }) => ({
        manifest,
        path,
        cause: `sets ${name}, by its name a connection string, to a bare host (${value})`,
      })),
};

function isBare(value: string): boolean {
  const [input, ...others] = openInputsIn(value);
  if (input === undefined) return bareHost.test(value.trim());
  return others.length === 0 && value === openValueOf(input) && hostInput.test(input);
}
