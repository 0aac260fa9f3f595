/** @file The runs of an experiment's teachers: what they are called. */

/** The name of the run of one of so many teachers, from 0. */
export function teacherRun(i: number, teachers: number): string {
  return teachers === 1 ? "teacher" : `teacher-${i + 1}`;
}

/** For people. */
export function teacherTitle(i: number, teachers: number): string {
  return teachers === 1 ? "Teacher" : `Teacher ${i + 1}`;
}
