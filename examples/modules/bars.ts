/** @file A data set of your own: `limbeck train ./bars.ts`. Bars that lie, stand or lean, in grey, 16 by 16 pixels. */
import { splitOf, type Dataset, type Split } from "limbeck";
import { torchRandom } from "limbeck/nn";

const side = 16;
const classes = ["lying", "standing", "leaning"];

/** Reads or makes the images: here `count` of them, drawn from a seed, so that they are the same each time. */
function split(count: number, seed: number): Split {
  const places = torchRandom(seed).randint(count, 0, side);
  const pixels = new Uint8Array(count * side * side); // image after image, row by row
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes.length);
  for (const [i, label] of labels.entries()) {
    for (let p = 0; p < side * side; p++) {
      const [row, column] = [Math.floor(p / side), p % side];
      const place = [row, column, (row + column) % side][label]!;
      pixels[i * side * side + p] = Math.abs(place - places[i]!) < 2 ? 220 : 40;
    }
  }
  return splitOf({ pixels, labels });
}

export function dataset(): Dataset {
  const [train, test] = [split(600, 1), split(150, 2)];
  return { name: "bars", classes, shape: [1, side, side], train, test, mean: [0.3], std: [0.3] };
}
