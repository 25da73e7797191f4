/** What a kind's rule says of one live object. `certain` means: waiting longer can't help. */
export type Readiness =
  | { readonly state: 'ready'; readonly why?: string }
  | { readonly state: 'progressing'; readonly why: string }
  | { readonly state: 'failed'; readonly why: string; readonly certain: boolean; readonly hint?: string };
