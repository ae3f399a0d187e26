import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

const box =
  "w-full rounded-lg border border-edge bg-panel px-2.5 py-1.5 text-sm text-ink aria-invalid:border-bad disabled:opacity-60";

type About = { label: string; hint?: ReactNode; fault?: string | undefined; isQuiet?: boolean };

function Around({
  id,
  label,
  hint,
  fault,
  isQuiet = false,
  children,
}: About & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={isQuiet ? "sr-only" : "text-xs font-medium text-soft"}>
        {label}
      </label>
      {children}
      {hint !== undefined && fault === undefined && <p className="text-xs text-soft">{hint}</p>}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="text-xs font-medium text-bad">
          {fault}
        </p>
      )}
    </div>
  );
}

function faultProps(id: string, fault: string | undefined) {
  return fault === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-fault` };
}

type InputProps = About & Omit<InputHTMLAttributes<HTMLInputElement>, "id">;

export function TextField({ label, hint, fault, isQuiet, className = "", ...rest }: InputProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} fault={fault} {...quiet(isQuiet)}>
      <input
        id={id}
        className={`${box} min-h-8 ${className}`}
        autoComplete="off"
        {...faultProps(id, fault)}
        {...rest}
      />
    </Around>
  );
}

type AreaProps = About & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id">;

export function TextArea({ label, hint, fault, isQuiet, className = "", ...rest }: AreaProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} fault={fault} {...quiet(isQuiet)}>
      <textarea id={id} className={`${box} ${className}`} {...faultProps(id, fault)} {...rest} />
    </Around>
  );
}

type Choice = { value: string; label: string };
type SelectProps = About &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, "id"> & { choices: readonly Choice[] };

export function Select({ label, hint, fault, isQuiet, choices, className = "", ...rest }: SelectProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} fault={fault} {...quiet(isQuiet)}>
      <select id={id} className={`${box} min-h-8 ${className}`} {...faultProps(id, fault)} {...rest}>
        {choices.map(({ value, label: shown }) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </Around>
  );
}

type CheckProps = { label: ReactNode; isOn: boolean; onChange: (isOn: boolean) => void };

export function Check({ label, isOn, onChange }: CheckProps) {
  return (
    <label className="inline-flex min-h-6 items-center gap-2">
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ target }) => onChange(target.checked)}
        className="size-4 accent-accent"
      />
      <span>{label}</span>
    </label>
  );
}

function quiet(isQuiet: boolean | undefined): { isQuiet?: boolean } {
  return isQuiet === undefined ? {} : { isQuiet };
}
