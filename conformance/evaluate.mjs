export async function evaluate() {
  return { unsupported: true }
}
