// Time of a run that is known already: which step is shown, and going on by itself.
const SPEEDS = { slow: 3, normal: 12, fast: 60 } as const; // steps a second
export type Speed = keyof typeof SPEEDS;
export const SPEED_NAMES = Object.keys(SPEEDS) as Speed[];

export interface Player {
  playing: boolean;
  speed: Speed;
  play(on: boolean): void;
  dispose(): void;
}

/** Calls `advance` with a number of steps until it says that there is no more. */
export function player(advance: (steps: number) => boolean, onChange: () => void): Player {
  let before = 0;
  let rest = 0;
  let frame = 0;
  const tick = (now: number) => {
    if (!self.playing) return;
    rest += (Math.min(now - before, 250) / 1000) * SPEEDS[self.speed];
    before = now;
    const steps = Math.floor(rest);
    rest -= steps;
    if (steps && !advance(steps)) self.play(false);
    else frame = requestAnimationFrame(tick);
  };
  const self: Player = {
    playing: false,
    speed: "normal",
    play(on) {
      if (on === self.playing) return;
      self.playing = on;
      before = performance.now();
      rest = 0;
      cancelAnimationFrame(frame);
      if (on) frame = requestAnimationFrame(tick);
      onChange();
    },
    dispose() {
      self.playing = false;
      cancelAnimationFrame(frame);
    },
  };
  return self;
}
