import type { OutputsReading } from '../inputs/terraform.ts';
import type { OutputEvidence, TextFile } from './evidence.ts';
import { hclBlocks, hclString } from './hcl.ts';

/** The outputs that the Terraform files of one folder declare, in their order. */
export function declaredOutputs(files: readonly TextFile[]): readonly OutputEvidence[] {
  return files.flatMap(({ path, text }) =>
    hclBlocks(text)
      .filter(({ type, labels }) => type === 'output' && labels.length === 1)
      .map(({ labels: [name = ''], attributes, line }) => {
        const expression = attributes['value'] ?? '';
        const description = hclString(attributes['description']);
        return {
          name,
          sensitive: attributes['sensitive'] === 'true',
          ...(description === undefined ? {} : { description }),
          expression,
          isList: isListExpression(expression, name),
          hasPort: /\baws_db_instance\.[^.]+\.endpoint\b|\bdb_instance_endpoint\b/.test(expression),
          origin: { file: path, line },
        };
      }),
  );
}

/** The outputs that there really are. */
export function realOutputs({ outputs }: Pick<OutputsReading, 'outputs'>): readonly OutputEvidence[] {
  return [...outputs].map(([name, { value, sensitive }]) => ({
    name,
    sensitive,
    isList: Array.isArray(value),
    hasPort: typeof value === 'string' && /^[^/:,\s]+:\d{2,5}$/.test(value),
  }));
}

function isListExpression(expression: string, name: string): boolean {
  return /^\[|\[\*\]|\.\*\.|^(?:tolist|toset|concat|values|keys)\(/.test(expression) || /_ids$|_subnets$/.test(name);
}
