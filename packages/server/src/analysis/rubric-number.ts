import { piecesOf } from "./verdict-text.ts";

type Range = { from: number; to: number };

/** Reads the one number of a range that a text states: `8`, `8/10`, `Score: 8`; `undefined` for none, several, or one outside. */
export function readNumber(range: Range, text: string): string | undefined {
  const bare = withoutScale(range, text);
  const alone = new Set(piecesOf(bare).filter((piece) => numberOnly.test(piece)));
  const stated = alone.size > 0 ? alone : new Set(bare.match(number)?.map((each) => each.trim()));
  const [only] = stated;
  return stated.size === 1 && only !== undefined ? fit(range, only) : undefined;
}

const number = /(?<![\p{L}\d.,/])[-−+]?\d+(?:[.,]\d+)*\s?%?(?![\p{L}\d/])/gu;
const numberOnly = /^[-−+]?\d+(?:[.,]\d+)*\s?(?:%|percent)?$/iu;

/** Not the comma of thousands. */
const decimalComma = /,(?=\d{1,2}$)/u;

/** Takes out what only names the scale: `on a scale from 1 to 10`, `/10`, `out of 100`. */
function withoutScale({ from, to }: Range, text: string): string {
  return text
    .replaceAll(new RegExp(`\\b${from}\\s?%?\\s?(?:to|through|[-–—])\\s?${to}\\b\\s?%?`, "giu"), "")
    .replaceAll(new RegExp(`\\s?(?:/|\\bout of\\b)\\s?${to}\\b(?![.,]?\\d)`, "giu"), " ");
}

function fit({ from, to }: Range, text: string): string | undefined {
  const isPercent = /%|percent/iu.test(text);
  const value = Number(
    text
      .replaceAll(/%|percent|\s|\+/giu, "")
      .replace("−", "-")
      .replace(decimalComma, "."),
  );
  if (!(value >= from && value <= to) || (isPercent && to !== 100)) return undefined;
  // 0.8 of a hundred: a share, or less than one percent?
  if (to === 100 && !isPercent && value > 0 && value < 1) return undefined;
  return String(value);
}
