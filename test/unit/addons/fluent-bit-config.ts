import assert from 'node:assert/strict';

/** A section of a configuration of Fluent Bit in its classic form; keys in lower case. */
export interface Section {
  readonly name: string;
  readonly entries: ReadonlyMap<string, string>;
}

/** The keys that we know of each section, as https://docs.fluentbit.io/manual has them: of others we would know nothing. */
const keys: Readonly<Record<string, readonly string[]>> = {
  service: [
    ...['flush', 'grace', 'log_level', 'storage.path', 'storage.sync', 'storage.checksum', 'storage.max_chunks_up'],
    'storage.backlog.mem_limit',
  ],
  'input tail': [
    ...['name', 'tag', 'path', 'multiline.parser', 'db', 'skip_long_lines', 'refresh_interval', 'rotate_wait'],
    ...['storage.type', 'mem_buf_limit', 'read_from_head'],
  ],
  'filter kubernetes': [
    ...['name', 'match', 'kube_url', 'kube_tag_prefix', 'merge_log', 'merge_log_key', 'keep_log', 'labels'],
    ...['annotations', 'buffer_size'],
  ],
  'output cloudwatch_logs': [
    ...['name', 'match', 'region', 'log_group_name', 'log_stream_prefix', 'log_stream_name', 'auto_create_group'],
    ...['log_retention_days', 'storage.total_limit_size', 'retry_limit', 'endpoint'],
  ],
};

/** Reads it as Fluent Bit does, but for what we don't use; fails at a section, plugin or key that nobody knows. */
export function parseConfig(text: string): readonly Section[] {
  const sections: { name: string; entries: Map<string, string> }[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const [, section] = /^\[([A-Z]+)\]$/.exec(line) ?? [];
    if (section !== undefined) {
      sections.push({ name: section.toLowerCase(), entries: new Map() });
      continue;
    }
    const [, key = '', value = ''] = /^ {4}(\S+) +(\S.*)$/.exec(line) ?? [];
    assert.notEqual(key, '', `no entry: ${line}`);
    const { entries } = sections.at(-1) ?? assert.fail(`before the first section: ${line}`);
    assert.ok(!entries.has(key.toLowerCase()), `twice: ${line}`);
    entries.set(key.toLowerCase(), value);
  }
  for (const { name, entries } of sections) {
    const plugin = [name, ...(entries.has('name') ? [entries.get('name')] : [])].join(' ');
    for (const key of entries.keys()) assert.ok(keys[plugin]?.includes(key), `${plugin} has no ${key}`);
  }
  return sections;
}

/** The only section of a name. */
export function sectionOf(sections: readonly Section[], name: string): ReadonlyMap<string, string> {
  const [only, ...more] = sections.filter((one) => one.name === name);
  assert.ok(only !== undefined && more.length === 0, `not one section ${name}`);
  return only.entries;
}
