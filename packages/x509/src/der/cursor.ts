import { CertificateError } from '../certificate-error.ts'
import { readHeader } from './header.ts'
import { strictDer } from './strict-der.ts'
import type { DerLimits } from './strict-der.ts'
import { TAG, tagName } from './tag.ts'

export interface DerElement {
  readonly tag: number
  /** Tag, length and content: what digests and signatures are over. */
  readonly raw: Uint8Array
  readonly content: Uint8Array
}

/**
 * Opens one DER value; {@link strictDer} checks all of it first.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID, CERTIFICATE_LIMIT_EXCEEDED
 */
export function openDer(bytes: Uint8Array, what: string, limits?: DerLimits): DerCursor {
  strictDer(bytes, what, limits)
  return new DerCursor(bytes, what)
}

/** Reads the elements of a DER value one after the other; nothing is copied and no tree is kept. */
export class DerCursor {
  readonly #bytes: Uint8Array
  readonly #what: string
  #offset = 0

  /**
   * For {@link openDer} and its elements, whose bytes {@link strictDer} has checked. The Go dialect opens unchecked
   * bytes: then only the headers that are read are checked.
   */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  get isEmpty(): boolean {
    return this.#offset >= this.#bytes.length
  }

  /** The identifier octet of the next element; `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#offset]
  }

  /** @throws CertificateError CERTIFICATE_MALFORMED when there is no further element */
  next(name: string): DerElement {
    if (this.isEmpty) throw malformed(this.#what, `${name} is missing`)
    const { tag, contentStart, end } = readHeader(this.#bytes, this.#offset, this.#bytes.length, this.#what)
    const element = {
      tag,
      raw: this.#bytes.subarray(this.#offset, end),
      content: this.#bytes.subarray(contentStart, end),
    }
    this.#offset = end
    return element
  }

  /** @throws CertificateError CERTIFICATE_MALFORMED when the next element has another tag */
  read(tag: number, name: string): DerElement {
    const found = this.nextTag
    if (found !== undefined && found !== tag)
      throw malformed(this.#what, `expected ${tagName(tag)} for ${name}, got ${tagName(found)}`)
    return this.next(name)
  }

  /** Returns the next element if it has this tag. */
  readOptional(tag: number, name: string): DerElement | undefined {
    return this.nextTag === tag ? this.next(name) : undefined
  }

  /** Returns a cursor over the content of the next element. */
  enter(tag: number, name: string): DerCursor {
    return new DerCursor(this.read(tag, name).content, `${this.#what}, ${name}`)
  }

  enterOptional(tag: number, name: string): DerCursor | undefined {
    return this.nextTag === tag ? this.enter(tag, name) : undefined
  }

  /**
   * All remaining elements, each of this tag.
   *
   * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_LIMIT_EXCEEDED
   */
  readAll(tag: number | undefined, name: string, max: number): readonly DerElement[] {
    const elements: DerElement[] = []
    while (!this.isEmpty) {
      if (elements.length >= max)
        throw new CertificateError(
          'CERTIFICATE_LIMIT_EXCEEDED',
          `${this.#what}: expected at most ${max} elements of ${name}`,
        )
      elements.push(tag === undefined ? this.next(name) : this.read(tag, name))
    }
    return elements
  }

  /** @throws CertificateError CERTIFICATE_MALFORMED when something is left */
  end(): void {
    if (!this.isEmpty) throw malformed(this.#what, `unexpected ${tagName(this.nextTag ?? 0)} at its end`)
  }
}

/** Returns a cursor over the content of a constructed element that a cursor returned. */
export function contentOf(element: DerElement, what: string, tag: number = TAG.SEQUENCE): DerCursor {
  if (element.tag !== tag) throw malformed(what, `expected ${tagName(tag)}, got ${tagName(element.tag)}`)
  return new DerCursor(element.content, what)
}

function malformed(what: string, problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_MALFORMED', `${what}: ${problem}`)
}
