import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';

export interface ComposeService {
  image: string;
  ports: string[];
  environment: Record<string, string>;
  secrets: string[];
  volumes: string[];
}

export interface ComposeExample {
  services: { nginx: ComposeService; app: { image: string } & Record<string, unknown> };
  secrets: Record<string, { file: string }>;
}

export interface Deployment {
  spec: {
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        securityContext: { runAsNonRoot: boolean; runAsUser: number; runAsGroup: number; fsGroup: number };
        containers: KubernetesContainer[];
        volumes: Array<{ name: string; emptyDir?: object; secret?: { secretName: string; defaultMode: number } }>;
      };
    };
  };
}

export interface KubernetesContainer {
  ports: Array<{ containerPort: number }>;
  env: Array<{ name: string; value: string }>;
  securityContext: {
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
  };
  volumeMounts: Array<{ name: string; mountPath: string; readOnly?: boolean }>;
  readinessProbe: { httpGet: { path: string; port: number } };
  livenessProbe: { tcpSocket: { port: number } };
}

export interface KubernetesExample {
  Secret: { metadata: { name: string }; stringData: Record<string, string> };
  Deployment: Deployment;
  Service: { spec: { selector: Record<string, string>; ports: Array<{ port: number; targetPort: number }> } };
}

const text = readFileSync(new URL('../../docs/containers.md', import.meta.url), 'utf8');

/** The commands of the section "Docker alone", one a line. */
export function dockerExample(): string[] {
  const text = section('Docker alone').replace(/\\\n\s*/g, '');
  return (text.match(/^ {4}docker .*$/gm) ?? []).map((line) => line.trim());
}

export function composeExample(): ComposeExample {
  return parse(yamlOf('Compose')) as ComposeExample;
}

/** The objects of the manifest by their kind. */
export function kubernetesExample(): KubernetesExample {
  const objects = parseAllDocuments(yamlOf('Kubernetes')).map((document) => document.toJS() as { kind: string });
  return Object.fromEntries(objects.map((object) => [object.kind, object])) as unknown as KubernetesExample;
}

/** Every OIDC_... that the page mentions, but for the variables of the tests. */
export function namedVariables(): string[] {
  return [...new Set(text.match(/\bOIDC_[A-Z_]*[A-Z]\b/g))].filter((name) => !name.startsWith('OIDC_TEST_'));
}

function yamlOf(title: string): string {
  return /```yaml\n(.*?)```/s.exec(section(title))?.[1] ?? '';
}

function section(title: string): string {
  const [, found = ''] = text.split(`\n## ${title}\n`);
  return found.split('\n## ')[0] ?? '';
}
