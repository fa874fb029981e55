import type { Certificate } from './certificate.ts'
import { shown } from './shown.ts'

/** How messages name a certificate: by its subject, or by its serial number where the subject is empty, as Fulcio leaves it. */
export function certificateLabel({ subject, serialNumber }: Pick<Certificate, 'subject' | 'serialNumber'>): string {
  return subject.text === '' ? `certificate ${serialNumber.toString(16)}` : `certificate \`${shown(subject.text)}\``
}
