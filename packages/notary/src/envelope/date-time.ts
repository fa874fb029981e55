const dateTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * The instant of an RFC 3339 date and time, or nothing when it is not the one form of it, or no day of the calendar.
 *
 * @see RFC 3339, 5.6
 */
export function parseDateTime(text: string): Date | undefined {
  const match = dateTime.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const check = new Date(local)
  // The round trip refuses what the calendar does not have: 30 February, hour 24, second 60.
  if (Number.isNaN(check.getTime()) || check.toISOString() !== local) return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time
}
