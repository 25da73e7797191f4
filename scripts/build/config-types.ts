import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { configJsonSchema } from '../../src/config/json-schema.ts';

/** The types of oms-deploy.yaml for programs that write one: made from the schema that the program itself checks with. */
export async function configTypes(): Promise<string> {
  const schema: JSONSchema = JSON.parse(JSON.stringify(configJsonSchema()));
  // Environments have the same fields again: they are said once.
  const { environments: _, ...properties } = schema.properties ?? {};
  const settings = await compile({ ...schema, title: 'Settings', properties }, 'Settings', {
    bannerComment: '/** What oms-deploy.yaml says, at its top or in an environment. */',
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true },
  });
  return `${settings.trimEnd()}

/** A whole oms-deploy.yaml. An environment says what is otherwise there; null takes a field away. */
export interface Config extends Settings {
  environments?: {
    [name: string]: { [Field in keyof Settings]: Settings[Field] | null };
  };
}
`;
}
