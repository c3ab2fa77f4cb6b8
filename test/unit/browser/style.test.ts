import { describe, expect, it } from 'vitest';
import { colorOn, styleOf } from '../../../src/browser/style';

/** WCAG 2.2, 1.4.3: relative luminances, told apart from the code by its own formula. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const full = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join('') : color.slice(1);
    const weights = [0.2126, 0.7152, 0.0722];
    return weights.reduce((sum, weight, index) => {
      const channel = Number.parseInt(full.slice(index * 2, index * 2 + 2), 16) / 255;
      return sum + weight * (channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
    }, 0);
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('the text on a colour of the operator', () => {
  it('can be read on each of 4,096 colours', () => {
    const worst = { color: '', ratio: 99 };
    for (let number = 0; number < 4096; number++) {
      const color = `#${number.toString(16).padStart(3, '0')}`;
      const ratio = contrast(color, colorOn(color));
      if (ratio < worst.ratio) Object.assign(worst, { color, ratio });
    }
    expect(worst.ratio, worst.color).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['#fff', '#000'],
    ['#FFD400', '#000'],
    ['#0a5fb4', '#fff'],
    ['#000000', '#fff'],
  ])('on %s is %s', (color, expected) => {
    expect(colorOn(color)).toBe(expected);
    expect(styleOf(color)).toContain(`--own:${color};--on-own:${expected}`);
  });

  it.each([
    ['light', /--back:(#\w+);--card:(#\w+);--text:(#\w+);--soft:(#\w+)/],
    ['dark', /dark\)\{:root\{--back:(#\w+);--card:(#\w+);--text:(#\w+);--soft:(#\w+)/],
  ])('and the %s colours of the page have enough contrast, too', (_, pattern) => {
    const [, back = '', card = '', text = '', soft = ''] = pattern.exec(styleOf('')) ?? [];
    for (const ink of [text, soft]) {
      for (const paper of [back, card]) expect(contrast(ink, paper)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
