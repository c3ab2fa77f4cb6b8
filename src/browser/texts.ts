import { isFolder, readBytes, workerUser } from '../nginx/local-file';

/** Translations by the English text, as the files have them. Whoever edits one may leave texts out. */
export interface Texts {
  readonly pages: Record<string, string>;
  /** of the script that gives back what was kept */
  readonly script: Record<string, string>;
}

/** Beside the script; where it is elsewhere, the package changes this path. */
const shipped = 'conf.d/openid_connect.texts';
const longest = 262_144;

/**
 * Reads what pages say in a language, text by text first from the operator's own folder, then from the shipped one. Files
 * are read for each page: it is shown rarely, and what they hold would stay in every JavaScript context.
 * @param own `$oidc_page_texts`, a folder; '' for none
 * @param language a tag from `$oidc_page_languages`
 * @param complain is told of what cannot be used: the file, where in it, and what to do
 * @returns undefined where there is no file; English needs none
 */
export function readTexts(own: string, language: string, complain: (problem: string) => void): Texts | undefined {
  let isTold = false;
  const tell = (problem: string) => {
    isTold = true;
    complain(problem);
  };
  const ours = language === 'en' ? undefined : readFile(shipped, language, tell);
  const mine = own === '' ? undefined : readFile(own, language, tell);
  if (own !== '' && !mine && !isTold && !isFolder(absolute(own))) {
    tell(`$oidc_page_texts: there is no folder ${absolute(own)}`);
  }
  if (!ours && !mine && language !== 'en') {
    if (!isTold) {
      const place = `${absolute(shipped)}/${language}.json`;
      complain(
        `there is no ${place}: copy that folder from the release, or leave ${language} out of $oidc_page_languages`,
      );
    }
    return undefined;
  }
  const found = [ours, mine].filter((texts) => texts !== undefined) as Partial<Texts>[];
  return { pages: merged(found, 'pages'), script: merged(found, 'script') };
}

/** What is there, undefined without such a file or with one that cannot be used. */
function readFile(folder: string, language: string, complain: (problem: string) => void): Partial<Texts> | undefined {
  const path = `${absolute(folder)}/${language}.json`;
  let text: string;
  try {
    const bytes = readBytes(path, longest);
    if (bytes === undefined) {
      complain(`${path} is larger than ${longest} bytes`);
      return undefined;
    }
    text = bytes.toString();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') {
      complain(`${path} must be readable for ${workerUser()}: ${(error as Error).message}`);
    }
    return undefined;
  }
  try {
    const texts = JSON.parse(text);
    if (typeof texts === 'object' && texts !== null) {
      return texts;
    }
    complain(`${path} must be an object with "pages" and "script"`);
  } catch (error) {
    complain(`${path} is not JSON: ${(error as Error).message}`);
  }
  return undefined;
}

/** Later ones count more; what is no text is left out. */
function merged(files: Partial<Texts>[], part: keyof Texts): Record<string, string> {
  const all: Record<string, string> = Object.create(null);
  for (const file of files) {
    const texts = (file[part] || {}) as Record<string, unknown>;
    for (const english of Object.keys(texts)) {
      const translation = texts[english];
      if (typeof translation === 'string' && translation !== '') {
        all[english] = translation;
      }
    }
  }
  return all;
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : ngx.conf_prefix + path;
}
