import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PipelineNode } from '../api/contract.js';
import { format } from '../format.js';
import { href } from '../href.js';

interface FlowProps {
  readonly name: string;
  readonly nodes: readonly PipelineNode[];
  readonly chosen: string | undefined;
}

/** Measures of the picture in pixels. */
const node = { width: 156, height: 58 };
/** Between neighbours; along a line what is left over is added to it. */
const gap = { x: 62, y: 62 };
const margin = { x: 4, y: 18 };

interface Place {
  readonly x: number;
  readonly y: number;
  /** Which way the stream runs here. */
  readonly way: 1 | -1;
}

interface Grid {
  readonly columns: number;
  /** From one node to the next along a line. */
  readonly step: number;
  /** Where lines begin. */
  readonly left: number;
}

/** Nodes in lines that run to and fro, as a river does: neighbours in the pipeline are neighbours in the picture. */
const placeOf = (index: number, { columns, step, left }: Grid): Place => {
  const row = Math.floor(index / columns);
  const way = row % 2 === 0 ? 1 : -1;
  const column = way === 1 ? index % columns : columns - 1 - (index % columns);
  return { x: left + column * step, y: margin.y + row * (node.height + gap.y), way };
};

/** Operators as nodes, the stream between them as thick as it is strong, what they turn away falling out beneath. */
export const Flow = ({ name, nodes, chosen }: FlowProps) => {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(900);
  useLayoutEffect(() => {
    if (host.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(entry.contentRect.width);
    });
    observer.observe(host.current);
    return () => observer.disconnect();
  }, []);
  const columns = Math.max(1, Math.floor((width - 2 * margin.x + gap.x) / (node.width + gap.x)));
  const spread = columns === 1 ? 0 : (width - 2 * margin.x - columns * node.width) / (columns - 1);
  const grid = {
    columns,
    step: node.width + Math.min(130, Math.max(gap.x, spread)),
    left: columns === 1 ? (width - node.width) / 2 : margin.x,
  };
  const rows = Math.ceil(nodes.length / columns);
  const height = 2 * margin.y + rows * node.height + (rows - 1) * gap.y + 14;
  const strongest = Math.max(1, ...nodes.map(({ per_s }) => per_s));
  return (
    <div ref={host} class="flow">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="group"
        aria-label={`Pipeline ${name}`}
      >
        {nodes.slice(1).map((next, index) => (
          <Edge
            key={next.name}
            from={placeOf(index, grid)}
            to={placeOf(index + 1, grid)}
            perSecond={next.per_s}
            strength={next.per_s / strongest}
          />
        ))}
        {nodes.map((one, index) => (
          <Node key={one.name} of={one} at={placeOf(index, grid)} chosen={one.name === chosen} />
        ))}
      </svg>
    </div>
  );
};

interface EdgeProps {
  readonly from: Place;
  readonly to: Place;
  readonly perSecond: number;
  /** 0 to 1. */
  readonly strength: number;
}

const Edge = ({ from, to, perSecond, strength }: EdgeProps) => {
  const sameRow = from.y === to.y;
  const middle = node.height / 2;
  const side = (place: Place, way: number): number => place.x + (way === 1 ? node.width : 0);
  const [x1, y1, x2, y2] = sameRow
    ? [side(from, from.way), from.y + middle, side(to, -from.way), to.y + middle]
    : [from.x + node.width / 2, from.y + node.height, to.x + node.width / 2, to.y];
  const thickness = perSecond === 0 ? 1.5 : 2 + 5 * Math.sqrt(strength);
  const label = sameRow ? { x: (x1 + x2) / 2, y: y1 - 9 } : { x: x1 + 12, y: (y1 + y2) / 2 + 4 };
  return (
    <g class={perSecond === 0 ? 'edge still' : 'edge'} aria-hidden="true">
      <path class="bed" d={`M${x1} ${y1} L${x2} ${y2}`} stroke-width={thickness} />
      <path class="water" d={`M${x1} ${y1} L${x2} ${y2}`} stroke-width={Math.max(1.5, thickness - 2)} />
      <text x={label.x} y={label.y} text-anchor={sameRow ? 'middle' : 'start'}>
        {perSecond === 0 ? '' : format.perSecond(perSecond)}
      </text>
    </g>
  );
};

interface NodeProps {
  readonly of: PipelineNode;
  readonly at: Place;
  readonly chosen: boolean;
}

const longest = 21;

const Node = ({ of, at, chosen }: NodeProps) => {
  const refusing = of.refused_per_s > 0;
  return (
    <a
      href={chosen ? href('pipeline') : href(['pipeline', of.name])}
      class={`node${chosen ? ' chosen' : ''}${of.refused > 0 ? ' refuses' : ''}`}
      aria-current={chosen ? 'true' : undefined}
    >
      <rect x={at.x} y={at.y} width={node.width} height={node.height} rx="8" />
      <text class="node-name" x={at.x + 12} y={at.y + 24}>
        {of.name.length > longest ? `${of.name.slice(0, longest - 1)}…` : of.name}
      </text>
      <text class="node-figures" x={at.x + 12} y={at.y + 43}>
        {format.short(of.entered)} in
        {of.p50_us === undefined || of.p50_us === 0 ? '' : ` · ${format.ms(of.p50_us / 1000)}`}
      </text>
      {of.refused === 0 ? null : (
        <g class={refusing ? 'refused now' : 'refused'}>
          <path d={`M${at.x + 20} ${at.y + node.height} v10 m-4 -4 l4 4 l4 -4`} stroke-width="1.75" />
          <text x={at.x + 30} y={at.y + node.height + 14}>
            {format.short(of.refused)} refused
          </text>
        </g>
      )}
    </a>
  );
};
