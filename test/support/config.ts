import { type Config, configSchema } from '../../src/config/schema.ts';

/** A configuration with these fields, through the real schema; of no file. */
export function configOf(fields: Readonly<Record<string, unknown>> = {}): Config {
  const settings = configSchema.parse({ application: 'app', namespace: 'app', manifests: ['k8s'], ...fields });
  return {
    ...settings,
    overrides: Object.entries(settings.overrides).map(([object, patch]) => ({
      object,
      patch,
      layer: 'file',
      placeOf: () => undefined,
    })),
    file: 'oms-deploy.yaml',
    directory: '/',
    origin: 'file',
    environments: [],
    homes: [settings.namespace],
    placeOf: () => undefined,
  };
}
