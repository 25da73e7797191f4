import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hclBlocks } from '../../../src/init/hcl.ts';
import { declaredOutputs } from '../../../src/init/scan-terraform.ts';

const outputs = (text: string) => declaredOutputs([{ path: 'outputs.tf', text }]);
const names = (text: string): readonly string[] => outputs(text).map(({ name }) => name);

test('blocks, their labels, their attributes and lines', () => {
  const text = `variable "region" {
  type    = string
  default = "eu-west-1"
}

resource "aws_s3_bucket" "uploads" {
  bucket = "uploads-\${var.region}"
  tags = {
    Name = "x"
  }
}
`;
  assert.deepEqual(hclBlocks(text), [
    { type: 'variable', labels: ['region'], attributes: { type: 'string', default: '"eu-west-1"' }, line: 1 },
    {
      type: 'resource',
      labels: ['aws_s3_bucket', 'uploads'],
      // oxlint-disable-next-line no-template-curly-in-string -- Terraform's
      attributes: { bucket: '"uploads-${var.region}"', tags: '{\n    Name = "x"\n  }' },
      line: 6,
    },
  ]);
});

test('what stands in comments, strings and heredocs is no block', () => {
  const text = `
# output "a" { value = 1 }
// output "b" { value = 1 }
/* output "c" {
  value = 1
} */
output "real" { value = "}" } # output "d" {}
output "text" {
  value = <<-EOT
    output "e" { value = "}" }
    EOT
}
output "nested" {
  value = "\${join(",", [for one in var.all : "\${one}-{}"])}"
}
output "last" { value = 1 }
`;
  assert.deepEqual(names(text), ['real', 'text', 'nested', 'last']);
});

test('what is known of an output', () => {
  const text = `output "db" {
  description = "Where the database \\"main\\" is"
  value       = aws_db_instance.main.endpoint
  sensitive   = true
}
output "subnets" {
  value = module.vpc.private_subnets[*]
}
`;
  const [db, subnets] = outputs(text);
  assert.deepEqual(db, {
    name: 'db',
    sensitive: true,
    description: 'Where the database "main" is',
    expression: 'aws_db_instance.main.endpoint',
    isList: false,
    hasPort: true,
    origin: { file: 'outputs.tf', line: 1 },
  });
  assert.equal(subnets?.isList, true);
});

for (const text of [
  'output',
  'output "x"',
  'output "x" {',
  'output "x" { value = [',
  '"',
  '<<EOT\n',
  '{'.repeat(5000),
  '/*',
]) {
  test(`a broken file is read as far as it goes: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.doesNotThrow(() => outputs(text));
  });
}
