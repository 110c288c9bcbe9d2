import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualListProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  /** How many there are, read or not. */
  readonly total: number;
  /** Pixels. */
  readonly rowHeight: number;
  readonly keyOf: (row: Row) => string;
  readonly render: (row: Row) => ComponentChildren;
  /** Called while the end of what has been read comes into view. */
  readonly nearEnd: () => void;
}

/** Rows drawn beyond what can be seen, so that scrolling by keyboard and wheel finds them there. */
const beyond = 12;

/** A long list of which only the rows in view are drawn; it scrolls with the page, so that there is one scroll bar. */
export const VirtualList = <Row,>(props: VirtualListProps<Row>) => {
  const { label, rows, total, rowHeight, keyOf, render, nearEnd } = props;
  const host = useRef<HTMLUListElement>(null);
  const [range, setRange] = useState({ from: 0, to: 40 });
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = host.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / rowHeight) - beyond);
      const to = Math.min(rows.length, Math.ceil((innerHeight - top) / rowHeight) + beyond);
      setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
      if (to >= rows.length) nearEnd();
    };
    measure();
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  });
  return (
    <ul ref={host} class="virtual" aria-label={label} style={{ height: `${rows.length * rowHeight}px` }}>
      {rows.slice(range.from, range.to).map((row, index) => (
        <li
          key={keyOf(row)}
          aria-setsize={total}
          aria-posinset={range.from + index + 1}
          style={{ top: `${(range.from + index) * rowHeight}px`, height: `${rowHeight}px` }}
        >
          {render(row)}
        </li>
      ))}
    </ul>
  );
};
