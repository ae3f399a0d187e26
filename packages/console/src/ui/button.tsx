import type { ButtonHTMLAttributes } from "react";

const looks = {
  primary: "bg-accent text-accent-ink border-transparent hover:brightness-110",
  plain: "bg-panel text-ink border-line hover:bg-sunken shadow-xs",
  quiet: "bg-transparent text-soft border-transparent hover:bg-sunken hover:text-ink",
  danger: "bg-panel text-bad border-line hover:bg-bad-wash shadow-xs",
} as const;

export type Look = keyof typeof looks;

/** How a button looks, for links that look like one too. */
export function buttonClass(look: Look = "plain", isSmall = false): string {
  const size = isSmall ? "min-h-7 px-2 text-xs" : "min-h-8 px-3 text-sm";
  return `inline-flex items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition-colors disabled:opacity-60 ${size} ${looks[look]}`;
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; isSmall?: boolean };

export function Button({ look = "plain", isSmall = false, className = "", type = "button", ...rest }: Props) {
  const kind = type === "submit" ? "submit" : "button";
  return <button type={kind} className={`${buttonClass(look, isSmall)} ${className}`} {...rest} />;
}
