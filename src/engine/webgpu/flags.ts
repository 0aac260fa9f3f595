/** @file WebGPU's flags, which a page has as globals and Node has not. https://www.w3.org/TR/webgpu/ */

/** GPUBufferUsage: STORAGE, COPY_DST, COPY_SRC. */
export const storage = 0x80 | 0x8 | 0x4;
/** GPUBufferUsage: MAP_READ, COPY_DST. */
export const readable = 0x1 | 0x8;
/** GPUMapMode: READ. */
export const mapRead = 0x1;
