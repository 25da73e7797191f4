import { type ManyKind, manyApp, omsApp } from './apps.ts';
import type { Family } from './rounds.ts';
import type { ToolName } from './tools.ts';

const peers: readonly ToolName[] = ['oms-deploy', 'kubectl', 'helm', 'floor'];

/** What is measured, in this order. */
export const families: readonly Family[] = [
  {
    id: 'oms',
    title: 'the OMS (13 objects, 9 pods)',
    tools: ['oms-deploy', 'kubectl steps', 'kubectl', 'helm', 'floor'],
    steps: ['plan', 'first', 'unchanged', 'changed', 'verify'],
    app: (namespace) => omsApp(namespace),
    changed: (namespace) => omsApp(namespace, '1.4.3'),
  },
  many('configmaps', 100, peers),
  many('configmaps', 1000, peers, true),
  many('configmaps', 3000, ['oms-deploy', 'helm', 'floor']),
  many('services', 1000, ['oms-deploy', 'helm', 'floor']),
  many('deployments of 0 replicas', 1000, ['oms-deploy', 'helm', 'floor']),
  many('deployments of 1 replica', 100, peers),
];

/** kubectl applies one after another: of a thousand objects of every kind it would take an hour. */
function many(kind: ManyKind, count: number, tools: readonly ToolName[], plans = false): Family {
  return {
    id: `${kind.replaceAll(/ (?:of|replicas?)/g, '').replaceAll(' ', '-')}-${count}`,
    title: `${count.toLocaleString('en')} ${kind}`,
    tools,
    steps: [...(plans ? (['plan'] as const) : []), 'first', 'unchanged'],
    app: (namespace) => manyApp(kind, count, namespace),
  };
}
