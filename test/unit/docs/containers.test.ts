import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../../src/config/settings';
import { composeExample, dockerExample, kubernetesExample, namedVariables } from '../../support/container-examples';

const script = readFileSync(new URL('../../../docker/18-oidc-settings.envsh', import.meta.url), 'utf8');

/** A setting, or a name that the image's start-up script reads; each may end in _FILE. */
function isKnown(variable: string): boolean {
  const name = variable.replace(/_FILE$/, '');
  const setting = name.replace(/^OIDC_/, '').toLowerCase();
  return setting in settings || new RegExp(`\\$\\{${name}\\b`).test(script) || name === 'UPSTREAM';
}

describe('docs/containers.md', () => {
  it('names only variables that the image knows', () => {
    expect(namedVariables().length).toBeGreaterThan(10);
    expect(namedVariables().filter((name) => !isKnown(name))).toEqual([]);
    expect(isKnown('OIDC_NONSENSE')).toBe(false);
  });

  it('runs two containers with docker alone', () => {
    expect(dockerExample().map((line) => line.replace(/ -.* /, ' ... '))).toEqual([
      'docker network create site',
      'docker run ... my-application',
      'docker run ... openid-connect-site',
    ]);
  });

  it('gives the compose file a secret for each file that a variable names', () => {
    const { services, secrets } = composeExample();
    const files = Object.values(services.nginx.environment).filter((value) => value.startsWith('/run/secrets/'));
    expect(files.map((file) => file.replace('/run/secrets/', '')).sort()).toEqual(Object.keys(secrets).sort());
    expect([...services.nginx.secrets].sort()).toEqual(Object.keys(secrets).sort());
  });

  describe('the Kubernetes manifest', () => {
    const { Secret, Deployment, Service } = kubernetesExample();
    const { spec, metadata } = Deployment.spec.template;
    const [container] = spec.containers;
    const port = container?.ports[0]?.containerPort;

    it('selects the pods that it makes, on the port that NGINX listens on', () => {
      expect(Deployment.spec.selector.matchLabels).toEqual(metadata.labels);
      expect(Service.spec.selector).toEqual(metadata.labels);
      expect(Service.spec.ports.map(({ targetPort }) => targetPort)).toEqual([port]);
      expect([container?.readinessProbe.httpGet.port, container?.livenessProbe.tcpSocket.port]).toEqual([port, port]);
      expect(script).toContain(`:=${port}}`); // OIDC_LISTEN, which it does not set
    });

    it('mounts what it declares, and the secret where the variables look for it', () => {
      expect(container?.volumeMounts.map(({ name }) => name).sort()).toEqual(
        spec.volumes.map(({ name }) => name).sort(),
      );
      const secret = spec.volumes.find((volume) => volume.secret);
      expect(secret?.secret?.secretName).toBe(Secret.metadata.name);
      const folder = container?.volumeMounts.find(({ name }) => name === secret?.name)?.mountPath;
      const files = container?.env.filter(({ name }) => name.endsWith('_FILE')).map(({ value }) => value);
      expect(files?.sort()).toEqual(Object.keys(Secret.stringData).map((key) => `${folder}/${key}`));
    });
  });
});
