const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** A time as upstream's messages show it: `Mon, 23 Nov 2026 15:43:33 +0000`. */
export function formatMessageTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':')
  return `${days[time.getUTCDay()]}, ${two(time.getUTCDate())} ${months[time.getUTCMonth()]} ${String(time.getUTCFullYear()).padStart(4, '0')} ${clock} +0000`
}
