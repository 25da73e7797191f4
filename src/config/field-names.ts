import * as z from 'zod';

/** The names that a field may have at a place of the configuration, for who mistyped one. */
export function fieldNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const [step, ...rest] = path;
  return [...new Set(optionsOf(schema).flatMap((option) => namesBelow(option, step, rest)))];
}

function namesBelow(
  schema: z.core.$ZodType,
  step: PropertyKey | undefined,
  rest: readonly PropertyKey[],
): readonly string[] {
  if (schema instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(schema.shape);
    const inner = Object.entries<z.core.$ZodType>(schema.shape).find(([name]) => name === step)?.[1];
    return inner === undefined ? [] : fieldNames(inner, rest);
  }
  if (step === undefined) return [];
  if (schema instanceof z.ZodRecord) return fieldNames(schema.valueType, rest);
  return schema instanceof z.ZodArray ? fieldNames(schema.element, rest) : [];
}

/** What is behind defaults, optionals and transformations; each option of a union. */
function optionsOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(optionsOf);
  if (schema instanceof z.ZodPipe) return optionsOf(schema.in);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return optionsOf(schema.unwrap());
  return [schema];
}
