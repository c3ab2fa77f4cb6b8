const longestHeader = 1000;
const mostRanges = 50;
const rangePattern = /^\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,8})\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

interface Range {
  tag: string;
  quality: number;
}

/**
 * The language to answer in (RFC 9110 section 12.5.4, by the lookup of RFC 4647 section 3.4): the one that the browser
 * likes best, of several the first. `zh-TW` is content with `zh-Hans` where there is no other Chinese.
 * @param header Accept-Language; one that is longer than any browser's says nothing
 * @param offered language tags, of which the first is for everybody else; at least one
 */
export function chooseLanguage(header: string, offered: string[]): string {
  const ranges = rangesOf(header);
  const refused = ranges.filter(({ quality }) => quality === 0).map(({ tag }) => tag);
  const left = offered.filter((language) => !refused.some((tag) => isWithin(language.toLowerCase(), tag)));
  let chosen = offered[0] as string;
  let best = 0;
  for (const { tag, quality } of ranges) {
    const found = quality > best ? lookUp(tag, left) : undefined;
    if (found !== undefined) {
      chosen = found;
      best = quality;
    }
  }
  return chosen;
}

function rangesOf(header: string): Range[] {
  const ranges: Range[] = [];
  for (const part of header.length > longestHeader ? [] : header.split(',').slice(0, mostRanges)) {
    const [, tag, quality = '1'] = rangePattern.exec(part) || [];
    if (tag !== undefined) {
      ranges.push({ tag: tag.toLowerCase(), quality: Number(quality) });
    }
  }
  return ranges;
}

/** `de-AT` is answered by `de-AT`, else by `de`, else by any other German. */
function lookUp(range: string, offered: string[]): string | undefined {
  if (range === '*') {
    return offered[0];
  }
  for (let tag = range; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const found = offered.filter((language) => language.toLowerCase() === tag)[0];
    if (found !== undefined) {
      return found;
    }
  }
  const [language] = range.split('-') as [string];
  return offered.filter((one) => isWithin(one.toLowerCase(), language))[0];
}

function isWithin(tag: string, range: string): boolean {
  return tag === range || tag.startsWith(`${range}-`);
}
