/** @file The door of settings: their table, configurations checked by it, recipes, and the names that they may hold. */
export { checkNames } from "../check-names.ts";
export {
  allSettings,
  objectivesOf,
  type Command,
  commandSettings,
  type Config,
  type ConfigInput,
  fallback,
  modelNamed,
  objectiveOf,
  parseConfig,
  partName,
  trainingKeys,
} from "../config.ts";
export { type RecipeResult, recipeResults } from "../recipe-results.ts";
export { type Recipe, type RecipeName, recipes } from "../recipes.ts";
export { anEngineName, dataSettings } from "./data.ts";
export { networkSettings, readSeeds, seedsOf } from "./network.ts";
export { pictureSettings } from "./pictures.ts";
export {
  type Flag,
  flagName,
  groups,
  helpOf,
  type Setting,
  type Settings,
  settingsFromFlags,
  shapeOf,
  shortHelpOf,
  wordsFor,
} from "./setting.ts";
export { teacherSettings } from "./teacher.ts";
export { trainingSettings } from "./training.ts";
export { isInTable, isModulePath, isPictures, namedSetting, namedValue, path, whole } from "./values.ts";
export { labelMap, type TeacherLabels, teacherRun, teacherTitle } from "../teacher-config.ts";
