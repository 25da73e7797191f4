import type { PlaceholderStyle } from '../config/schema.ts';
import type { Scalar } from '../model/json.ts';
import type { Origin } from '../model/object.ts';

/** A text file of the folder; `path` is relative to where the user stands, with `/`. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Where a placeholder stands. */
export interface PlaceholderPlace {
  /** `ConfigMap/app-config`. */
  readonly object: string;
  /** As `placeholders.fields` wants it: `data.redis-endpoint`. */
  readonly field: string;
  readonly origin: Origin;
  readonly isSecret: boolean;
  /** In the reference of an image: which part of it. */
  readonly imagePart?: 'repository' | 'tag';
  /** It is the tag of an image that `--tag` is for without any configuration. */
  readonly isOfTagFlag?: true;
}

/** An input that manifests have placeholders for, and how they are written. */
export interface FoundInput {
  readonly name: string;
  readonly texts: readonly string[];
  readonly places: readonly PlaceholderPlace[];
  /** What the manifest itself says where there is no value: `${LEVEL:-info}`. */
  readonly fallback?: string;
  /** A field that says CHANGEME: it has no name of its own. */
  readonly isMark: boolean;
  /** It stands only where it may be meant for a shell or another program. */
  readonly isDoubtful: boolean;
}

/** An object of the manifests, as far as it can be told before its placeholders are filled. */
export interface FoundObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly wave: number;
  /** The application, by the label `app.kubernetes.io/part-of`. */
  readonly partOf: string | undefined;
}

/** An image of a container. */
export interface FoundImage {
  readonly repository: string;
  readonly tag?: string;
  readonly isPinned: boolean;
  readonly origin: Origin;
}

/** What the manifests say. */
export interface ManifestEvidence {
  readonly objects: readonly FoundObject[];
  readonly inputs: readonly FoundInput[];
  /** The styles that the files really use. */
  readonly styles: readonly PlaceholderStyle[];
  /** Placeholders that no style finds safely, or whose input has another name: by their text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Fields that say CHANGEME, by object and path. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly images: readonly FoundImage[];
  readonly namespaces: readonly string[];
}

/** What a value is, by the script or workflow that sets it today. */
export type Meaning =
  | { readonly kind: 'terraform'; readonly output: string }
  | { readonly kind: 'aws'; readonly fact: 'account' | 'region' }
  | { readonly kind: 'secretsManager'; readonly id: string | { readonly terraform: string }; readonly key?: string }
  | { readonly kind: 'ssm'; readonly name: string | { readonly terraform: string } }
  /** A variable of the shell, or a secret or variable of the CI service. */
  | { readonly kind: 'env'; readonly names: readonly string[]; readonly isSecret: boolean; readonly fallback?: string }
  | { readonly kind: 'registry' }
  /** The script makes it itself, in a way that no source can repeat; perhaps from an output. */
  | { readonly kind: 'computed'; readonly output?: string }
  | { readonly kind: 'literal'; readonly value: string };

/** A meaning, and where it is written. */
export interface Known {
  readonly meaning: Meaning;
  readonly origin: Origin;
}

/** What workflows and scripts say of today's deployment. */
export interface DeploymentEvidence {
  /** Texts that a `sed` replaces in the manifests. */
  readonly replaced: ReadonlyMap<string, Known>;
  /** Variables that it sets. */
  readonly variables: ReadonlyMap<string, Known>;
  /** Manifests go through `envsubst`: it takes variables of the environment. */
  readonly envsubst: Origin | undefined;
  readonly cluster: string | undefined;
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly namespace: string | undefined;
  readonly terraformDir: string | undefined;
  /** What `kubectl apply -f` and `-k` are given, in that order. */
  readonly applied: readonly string[];
}

/** An output of Terraform: declared, or a real one. */
export interface OutputEvidence {
  readonly name: string;
  readonly sensitive: boolean;
  readonly description?: string;
  /** The expression of its value, where only the declaration is known: `aws_db_instance.main.address`. */
  readonly expression?: string;
  readonly isList: boolean;
  /** A host with its port behind it. */
  readonly hasPort: boolean;
  readonly origin?: Origin;
}

/** What Terraform says. */
export interface TerraformEvidence {
  /** The folder, relative to where the user stands. */
  readonly dir?: string;
  readonly outputs: readonly OutputEvidence[];
  readonly isReal: boolean;
}

/** Where an input's value is to come from, as it is written into the configuration. */
export type SourceDraft =
  | { readonly terraform: string | readonly string[]; readonly join?: string }
  | { readonly aws: 'account' | 'region' | 'partition' | 'dns-suffix' }
  | { readonly secretsManager: SecretDraft }
  | { readonly ssm: string | { readonly terraform: string } }
  | { readonly env: string | readonly string[] };

/** A secret of Secrets Manager: by itself, or by the output that names it. */
export type SecretDraft = ({ readonly id: string } | { readonly terraform: string }) & { readonly key?: string };

/** How sure a proposal is: `open` is nothing that anybody should rely on. */
export type Confidence = 'certain' | 'likely' | 'answered' | 'open';

/** A place that may be meant, for the question. */
export interface Candidate {
  readonly source: SourceDraft;
  readonly reason: string;
  /** Near enough to be the answer of who only presses Enter. */
  readonly isNear: boolean;
}

/** What becomes of an input. */
export interface Proposal {
  readonly input: FoundInput;
  readonly confidence: Confidence;
  readonly sources: readonly SourceDraft[];
  readonly default?: Scalar;
  readonly compose?: string;
  readonly secret?: boolean;
  readonly prompt?: string;
  /** Why: which evidence. */
  readonly reason: string;
  /** Of an open one: what comes near. */
  readonly candidates: readonly Candidate[];
}
