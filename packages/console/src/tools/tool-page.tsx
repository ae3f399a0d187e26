export function ToolPage() {
  return <p>soon</p>;
}
