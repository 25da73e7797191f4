import type { fieldTableText as original } from '../../../src/lint/field-table-text.ts';

declare const embeddedFieldTable: string;

/** The table of the API's fields, which is part of this file. */
export const fieldTableText: typeof original = () => Promise.resolve(embeddedFieldTable);
