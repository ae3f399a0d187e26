export function ToolsPage() {
  return <p>soon</p>;
}
