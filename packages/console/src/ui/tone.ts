/** What a colour means, everywhere the same. */
const tones = ["plain", "good", "warn", "bad", "note", "talk", "accent"] as const;
export type Tone = (typeof tones)[number];

export const washes: Record<Tone, string> = {
  plain: "bg-sunken text-soft",
  good: "bg-good-wash text-good",
  warn: "bg-warn-wash text-warn",
  bad: "bg-bad-wash text-bad",
  note: "bg-note-wash text-note",
  talk: "bg-talk-wash text-talk",
  accent: "bg-accent-wash text-accent",
};

export const inks: Record<Tone, string> = {
  plain: "text-soft",
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  note: "text-note",
  talk: "text-talk",
  accent: "text-accent",
};

export const fills: Record<Tone, string> = {
  plain: "fill-edge",
  good: "fill-good",
  warn: "fill-warn",
  bad: "fill-bad",
  note: "fill-note",
  talk: "fill-talk",
  accent: "fill-accent",
};

export const bars: Record<Tone, string> = {
  plain: "bg-edge",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  note: "bg-note",
  talk: "bg-talk",
  accent: "bg-accent",
};
