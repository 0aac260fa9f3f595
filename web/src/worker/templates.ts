/** @file The files that all exported students share, as text, each loaded when it is needed. */
import type { ReadTemplate, StudentTemplate } from "limbeck/ship";

const files = {
  "student.js": () => import("limbeck/student/student.js?raw"),
  "student.d.ts": () => import("limbeck/student/student.d.ts?raw"),
  "index.html": () => import("limbeck/student/index.html?raw"),
  "start.js": () => import("limbeck/student/start.js?raw"),
  "page.js": () => import("limbeck/student/page.js?raw"),
  "view.js": () => import("limbeck/student/view.js?raw"),
  "page.css": () => import("limbeck/student/page.css?raw"),
  "icon.svg": () => import("limbeck/student/icon.svg?raw"),
} satisfies Record<StudentTemplate, () => Promise<{ readonly default: string }>>;

export const template: ReadTemplate = async (name) => (await files[name]()).default;
