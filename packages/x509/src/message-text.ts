import { printableText } from '@verify-images/primitives'
import type { Certificate } from './certificate.ts'
import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string): string {
  return printableText(text, MAX_SHOWN_LENGTH)
}

/**
 * Returns how messages name a certificate: by its subject, or by its serial number if the subject is empty, as in
 * Fulcio's.
 */
export function certificateLabel({ subject, serialNumber }: Pick<Certificate, 'subject' | 'serialNumber'>): string {
  return subject.text === '' ? `certificate ${serialNumber.toString(16)}` : `certificate \`${shown(subject.text)}\``
}
