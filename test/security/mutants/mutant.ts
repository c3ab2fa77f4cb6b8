// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

/** A defect of one line, and the test that must notice it. */
export interface Mutant {
  name: string;
  file: string;
  /** every place where it stands in the file is changed */
  text: string;
  replacement: string;
  /** test file, and a pattern of names in it */
  test: string;
  pattern: string;
  /** needs a build and a real NGINX (target C) */
  nginx?: true;
}

export const unit = (
  name: string,
  file: string,
  text: string,
  replacement: string,
  test: string,
  pattern: string,
): Mutant => ({
  name,
  file: `src/${file}.ts`,
  text,
  replacement,
  test: `test/unit/${test}.test.ts`,
  pattern,
});

/** One that only a real NGINX shows. */
export const onNginx = (
  name: string,
  file: string,
  text: string,
  replacement: string,
  test: string,
  pattern: string,
): Mutant => ({ name, file: `src/${file}.ts`, text, replacement, test: `test/${test}.test.ts`, pattern, nginx: true });

export const idToken = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'protocol/id-token', text, replacement, 'protocol/id-token', pattern);
export const sessions = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'session/sessions', text, replacement, 'session/sessions', pattern);
