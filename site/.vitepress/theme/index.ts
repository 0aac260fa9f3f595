/** @file VitePress's theme without its fonts, in Limbeck's colours, and the student that answers in a page. */
import DefaultTheme from "vitepress/theme-without-fonts";
import type { Theme } from "vitepress";
import "./style.css";
import Student from "./student.vue";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Student", Student);
  },
} satisfies Theme;
