/** The health of each receiver. */
export function ReceiverHealth() {
  return null;
}
