/** @file The door of images: decoded, resized, cropped, moved and recoloured as Pillow and torchvision do, in pages and in Node. */
export { shiftedPixels } from "./border.ts";
export {
  autoContrast,
  brightness,
  contrast,
  equalise,
  type PictureChange,
  posterise,
  saturation,
  sharpness,
  solarise,
} from "./colours.ts";
export { centreCrop, cutOut, resizeShortSide } from "./crop.ts";
export { canDecodeWeb, decodePictureWeb } from "./decode-web.ts";
export { type Drawable, drawn, isDrawable } from "./drawn.ts";
export { type FilterName, filters } from "./filters.ts";
export { endingOf, formatOf, formatOfEnding, unreadEndings } from "./format.ts";
export { turnHue } from "./hue.ts";
export { covered, rotate, shearX, shearY, type Shift, shifted, translateX, translateY } from "./moves.ts";
export { checkPicture, fromInterleaved, MOST_PIXELS, type Picture, withChannels } from "./picture.ts";
export { type Preparation, preparedPicture } from "./preparation.ts";
export { type Rectangle, resize } from "./resize.ts";
export { type Colour, fromCmyk, fromColours, type Samples } from "./samples.ts";
export { centreView, storedPicture, storedSide } from "./view.ts";
