import type { Certificate } from './certificate.ts'
import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string): string {
  const line = text.replace(/\p{C}/gu, '\ufffd')
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}…` : line
}

/** Returns how messages name a certificate: by its subject, or by its serial number if the subject is empty, as in Fulcio's. */
export function certificateLabel({ subject, serialNumber }: Pick<Certificate, 'subject' | 'serialNumber'>): string {
  return subject.text === '' ? `certificate ${serialNumber.toString(16)}` : `certificate \`${shown(subject.text)}\``
}
