/** Times and durations as people write and read them. A date or time without an offset is in this machine's time zone. */
import { StrongroomError } from "@strongroom/core/errors";

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:\d\d)?$/;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * ISO 8601 to ms since 1970. A date alone is its first millisecond, or with `end` its last: both ends of a
 * validity are inclusive.
 * @throws StrongroomError `cli.usage`
 */
export function readTime(text: string, option: string, end = false): number {
  const date = DATE.exec(text);
  if (date !== null) {
    const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
    const at = new Date(year, month - 1, day);
    if (at.getMonth() !== month - 1 || at.getDate() !== day) throw badTime(text, option);
    // The next midnight less one: days with a change of clock are not 24 hours long.
    return end ? new Date(year, month - 1, day + 1).getTime() - 1 : at.getTime();
  }
  const time = TIME.exec(text);
  if (time === null) throw badTime(text, option);
  const [, year, month, day, hour, minute, second = "0", fraction = "0", offset] = time;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [y, mo, d, h, mi, s] = parts;
  const ms = Number(fraction.padEnd(3, "0"));
  const valid =
    new Date(Date.UTC(y, mo - 1, d)).getUTCDate() === d && mo >= 1 && mo <= 12 && h < 24 && mi < 60 && s < 60;
  if (!valid) throw badTime(text, option);
  if (offset === undefined) return new Date(y, mo - 1, d, h, mi, s, ms).getTime();
  return Date.UTC(y, mo - 1, d, h, mi, s, ms) - offsetMs(offset);
}

/** `10m`, `90s`, `2h`, `1d`, `250ms`, `0` to ms. @throws StrongroomError `cli.usage` */
export function readDuration(text: string, option: string): number {
  if (text === "0") return 0;
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new StrongroomError("cli.usage", `${option} is a number with a unit, such as 10m, 90s or 2h`);
  }
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** `2026-06-01 14:00:00 +02:00` */
export function showTime(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

/** The largest unit that fits without a remainder: 600000 is 10m. */
export function showDuration(ms: number): string {
  if (ms === 0) return "0";
  const units = Object.entries(UNIT_MS).reverse();
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const [hours, minutes] = offset.slice(1).split(":").map(Number) as [number, number];
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function badTime(text: string, option: string): StrongroomError {
  const shown = /^[\w:+.\- ]{1,40}$/.test(text) ? ` "${text}"` : "";
  return new StrongroomError(
    "cli.usage",
    `${option}${shown} is not a date such as 2026-12-31 or a time such as 2026-12-31T18:00+01:00`,
  );
}
