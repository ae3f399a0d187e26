/** The mark of Offhook. */
export function Mark({ className = "size-7" }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={`shrink-0 ${className}`}>
      <rect width="32" height="32" rx="8" fill="#0f766e" />
      <path
        fill="#fff"
        d="M9 12.5C9 10.500 10.600 9 12.500 9h7c1.900 0 3.500 1.500 3.500 3.500v3.500c0 2-1.600 3.500-3.500 3.500H15L11 23v-3.500c-1.200-.6-2-1.900-2-3.500z"
      />
    </svg>
  );
}
