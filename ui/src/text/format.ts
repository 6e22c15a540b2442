/** Numbers, sizes and times as people read them. Pure: "now" is an argument. */

const locale = "en-GB";
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Three figures at most: `218 MiB`, `6.46 GiB`, `1.9 TiB`. */
export function bytes(value: number): string {
  let amount = Math.max(0, value);
  let unit = 0;
  // 1023.95 would be shown as 1024.
  while (amount >= 1023.5 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${trimZeros(amount.toFixed(digits))} ${units[unit] ?? "B"}`;
}

export function speed(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

function trimZeros(figure: string): string {
  return figure.includes(".") ? figure.replace(/\.?0+$/, "") : figure;
}

/** Rounded the way one says it: `8 s`, `6 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.round(rounded / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  const rest = minutes % 60;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** `21 Nov`, with the year only when it is another one. */
export function day(at: number, now: number): string {
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(locale, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

export function dayAndTime(at: number): string {
  return new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

/** `just now`, `5 min ago`, `in 3 h`, and a day beyond a day. */
export function relative(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return seconds > 5 ? `in ${duration(distance)}` : "just now";
  if (distance >= 22 * 3600) return day(at, now);
  const amount = distance < 3600 ? duration(distance) : `${Math.round(distance / 3600)} h`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

/** For the middle of a sentence: `on 21 Nov`, but `5 min ago`. */
export function when(at: number, now: number): string {
  const said = relative(at, now);
  return /^\d+ [A-Z]/.test(said) ? `on ${said}` : said;
}

/** For what has happened: a clock that lags a little must not put it into the future. */
export function ago(at: number, now: number): string {
  return when(Math.min(at, now), now);
}

export function plural(amount: number, one: string, many: string): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
