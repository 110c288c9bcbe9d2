/** Outlines of 16 by 16, drawn by hand: one path each. */
const paths = {
  ok: 'M3 8.5 6.5 12 13 4.5',
  warn: 'M8 2 15 14H1Z M8 6.5v3.5 M8 12v.2',
  bad: 'M4 4l8 8 M12 4l-8 8',
  info: 'M8 7v5 M8 4v.2',
  wait: 'M8 4v4l3 2',
  off: 'M4 8h8',
  menu: 'M2 4h12 M2 8h12 M2 12h12',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9 M10.5 10.5 14 14',
  link: 'M6 3h7v7 M13 3 4 12',
  back: 'M10 3 5 8l5 5',
  plus: 'M8 3v10 M3 8h10',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words that say the same: hidden from screen readers. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
);
