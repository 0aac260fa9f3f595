/** @file A canvas to draw on. */
import type { JSX, RefObject } from "preact";
import { useEffect } from "preact/hooks";

interface SketchProps {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly isDisabled: boolean;
  readonly onDraw: () => void;
}

/** The canvas's own pixels. */
const SIDE = 256;
const [ground, ink] = ["#27485a", "#f0c93a"];

/** NOTE: whoever asks first decides where the pixels lie; they are read after every stroke. */
export function contextOf(canvas: HTMLCanvasElement | null): CanvasRenderingContext2D | null {
  return canvas?.getContext("2d", { willReadFrequently: true }) ?? null;
}

export function Sketch({ canvas, isDisabled, onDraw }: SketchProps): JSX.Element {
  const clear = (): void => {
    const context = contextOf(canvas.current);
    if (!context) return;
    context.fillStyle = ground;
    context.fillRect(0, 0, SIDE, SIDE);
  };
  useEffect(clear, []);
  const draw = (event: PointerEvent, isBegun: boolean): void => {
    const element = canvas.current;
    const context = contextOf(element);
    if (!element || !context || isDisabled || event.buttons !== 1) return;
    const scale = SIDE / element.clientWidth;
    if (isBegun) {
      element.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(event.offsetX * scale, event.offsetY * scale);
    }
    Object.assign(context, { strokeStyle: ink, lineWidth: 24, lineCap: "round", lineJoin: "round" });
    context.lineTo(event.offsetX * scale, event.offsetY * scale);
    context.stroke();
    onDraw();
  };
  return (
    <>
      <canvas
        ref={canvas}
        class="sketch"
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="A place to draw; without a pointer, choose a picture instead"
        onPointerDown={(event) => draw(event, true)}
        onPointerMove={(event) => draw(event, false)}
        onPointerUp={onDraw}
      />
      <button type="button" class="clear" disabled={isDisabled} onClick={clear}>
        Clear
      </button>
    </>
  );
}
