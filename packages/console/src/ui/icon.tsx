/** Small line drawings, 16 by 16; decoration beside words, so they are hidden from readers. */
const drawings = {
  overview: "M2 13V9m4 4V5m4 8V7m4 6V3",
  calls:
    "M3 3.500c0 5 4.500 9.500 9.500 9.500l.5-3-3-1.200-1.300 1.300A9 9 0 0 1 5.400 6.800L6.700 5.500 5.500 2.500z",
  talk: "M2.500 3.500h11v7.500H7L4 13.500V11H2.500z",
  deliveries: "M2 8l12-5-4 11-2.500-4.500zM7.500 9.500 14 3",
  assistants:
    "M8 8a2.750 2.750 0 1 0 0-5.500A2.750 2.750 0 0 0 8 8zM2.500 14c.5-2.800 2.600-4 5.500-4s5 1.200 5.500 4",
  tools:
    "M9.500 3a3.200 3.200 0 0 0-3 4.300L2.500 11.300l2.200 2.200 4-4A3.200 3.200 0 0 0 13 5.500l-2 1.800-1.800-.3-.3-1.800 1.800-2z",
  user: "M8 8a2.750 2.750 0 1 0 0-5.500A2.750 2.750 0 0 0 8 8zM2.500 14c.5-2.800 2.600-4 5.500-4s5 1.200 5.500 4",
  model: "M5 5h6v6H5zM7 2.500V5m2-2.500V5M7 11v2.500m2-2.500v2.500M2.500 7H5M2.500 9H5m6-2h2.500M11 9h2.500",
  tool: "M9.500 3a3.200 3.200 0 0 0-3 4.300L2.500 11.300l2.200 2.200 4-4A3.200 3.200 0 0 0 13 5.500l-2 1.800-1.800-.3-.3-1.800 1.800-2z",
  hang: "M8 4.500V8l2.500 1.500M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  error: "M8 5v3.500m0 2.200v.1M8 2 14.500 13.500h-13z",
  control: "M3 4.500h6m3 0h1M3 11.500h1m3 0h6M10.500 3v3M5.500 10v3",
  status: "M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z",
  turn: "M3 8h9M8.500 4.500 12 8l-3.500 3.500",
  report: "M4 2.500h6l2.500 2.500v8.500H4zM6 7.500h4.500M6 10h4.500",
  message: "M2.500 3.500h11v7.500H7L4 13.500V11H2.500z",
  close: "M4 4l8 8m0-8-8 8",
  copy: "M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z",
  check: "M3 8.500 6.500 12 13 4.500",
  download: "M8 2.500v7.500m-3-3 3 3 3-3M3 13h10",
  upload: "M8 10V2.500m-3 3 3-3 3 3M3 13h10",
  again: "M13 8a5 5 0 1 1-1.600-3.700M13 2.500v2.500h-2.500",
  plus: "M8 3v10M3 8h10",
  light:
    "M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8 1.500v1.500m0 10v1.500M1.500 8H3m10 0h1.500M3.400 3.400l1 1m7.200 7.200 1 1m0-9.200-1 1M4.400 11.600l-1 1",
  dark: "M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500z",
  leave: "M9.500 3H3.500v10h6M7 8h7m-2.500-2.500L14 8l-2.500 2.500",
  left: "M10 3.500 5.500 8l4.500 4.500",
  right: "M6 3.500 10.500 8 6 12.500",
  send: "M8 13V3M4 7l4-4 4 4",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
    >
      <path d={drawings[name]} />
    </svg>
  );
}
