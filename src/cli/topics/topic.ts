/** A table of a topic: the README has the same one, under the same heading. */
export interface TopicTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What `oms-deploy help <topic>` prints. */
export interface Topic {
  readonly lead: string;
  readonly tables: readonly TopicTable[];
}
