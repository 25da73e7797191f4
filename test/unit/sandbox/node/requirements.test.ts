import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MachineFacts, missingForNode } from '../../../../src/sandbox/node/requirements.ts';

const rootIds = 'Uid:\t0\t0\t0\t0\n';

/** A machine that can have a real node. */
const able: MachineFacts = {
  platform: 'linux',
  status: `Name:\tnode\n${rootIds}CapInh:\t0000000000000000\nCapEff:\t000001ffffffffff\n`,
  cgroups: [
    '9:name=systemd:/',
    '8:pids:/',
    '6:freezer:/',
    '5:devices:/',
    '4:memory:/own',
    '3:cpuset:/',
    '2:cpu,cpuacct:/',
    '0::/',
  ].join('\n'),
  fileSystems: 'nodev\ttmpfs\nnodev\tcgroup\n\text4\nnodev\toverlay\n',
};

const machines: readonly (readonly [string, Partial<MachineFacts>, readonly string[]])[] = [
  ['one that has all', {}, []],
  ['macOS', { platform: 'darwin', status: '', cgroups: '', fileSystems: '' }, ['Linux (this is darwin)']],
  [
    'a user',
    { status: 'Uid:\t0\t1000\t0\t0\nCapEff:\t0000000000000000\n' },
    ['root', 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN'],
  ],
  ['root in a container', { status: `${rootIds}CapEff:\t00000000a80425fb\n` }, ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']],
  ['root that may set up networks', { status: `${rootIds}CapEff:\t0000000000001000\n` }, ['CAP_SYS_ADMIN']],
  [
    'cgroup v2 alone',
    { cgroups: '0::/user.slice\n' },
    ['cgroup v1 with the controllers cpu, cpuacct, cpuset, memory, pids, devices, freezer'],
  ],
  [
    'cgroup v1 without one',
    { cgroups: able.cgroups.replace('8:pids:/\n', '') },
    ['cgroup v1 with the controllers pids'],
  ],
  ['no overlay', { fileSystems: 'nodev\ttmpfs\n' }, ['the file system overlay']],
];

for (const [name, change, missing] of machines) {
  test(`what a real node lacks on ${name}`, () => {
    assert.deepEqual(missingForNode({ ...able, ...change }), missing);
  });
}
