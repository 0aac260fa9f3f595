/** @file A method of your own: `limbeck distill --teacher FILE --method ./loss.ts --option logitsWeight=2`. */
import { meanSquaredError, option, type Method } from "limbeck/methods";

const options = { logitsWeight: option.weight(1, "weight of the logits' squared differences") };

export const method: Method<typeof options, "logits"> = {
  name: "logits",
  title: "Logits",
  summary: "Matches the teacher's logits themselves.",
  options,
  labels: { weight: 0.5 }, // of the cross entropy with the labels; the option ceWeight sets another
  needsTeacher: true,
  targets: (teacher) => ({ logits: teacher.logits }), // [N, classes], computed once for every image and kept
  losses: ({ student, targets }) => ({ logits: meanSquaredError(student.logits, targets.logits) }),
  weights: ({ logitsWeight }) => ({ logits: logitsWeight }),
};
