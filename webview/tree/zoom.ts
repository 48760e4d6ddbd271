import { useStore as useFlow } from '@xyflow/react';

/** How near one looks: far away phases and bars, near labels, from close by what the agents do now. */
export type Level = 'far' | 'near' | 'close';

const NEAR = 0.4;
const CLOSE = 1.25;

export function levelOf(zoom: number): Level {
  return zoom < NEAR ? 'far' : zoom < CLOSE ? 'near' : 'close';
}

/** Renders when the level changes, not with each step of the zoom. */
export function useLevel(): Level {
  return useFlow(({ transform }) => levelOf(transform[2]));
}
