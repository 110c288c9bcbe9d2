/** Ids of SSE events: which stream, and which event of it (2025-11-25: basic/transports, resumability). */

/** Where an event stands. */
export interface EventPlace {
  readonly streamId: string;
  /** 0 for the priming event, then 1, 2, … */
  readonly position: number;
}

const form = /^([\w-]{1,64})\.(0|[1-9]\d{0,14})$/;

/** The id of the event at that place. */
export const eventId = ({ streamId, position }: EventPlace): string => `${streamId}.${position}`;

/** The place an id stands for; undefined for what is no id of ours. */
export const eventPlace = (id: string | undefined): EventPlace | undefined => {
  const [, streamId, position] = form.exec(id ?? '') ?? [];
  return streamId === undefined ? undefined : { streamId, position: Number(position) };
};
