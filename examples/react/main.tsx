/** @file The page: you choose a picture, the student says what it shows. Nothing leaves the browser. */
import { StrictMode, Suspense, use, useState } from "react";
import { createRoot } from "react-dom/client";
import { load, type PredictedClass } from "./student/student.js";

/** Starts to load with the page, once for all renders. */
const student = load();

function Classifier() {
  const { classify } = use(student);
  const [classes, setClasses] = useState<PredictedClass[]>([]);
  const [error, setError] = useState("");

  async function show(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      setClasses(classify(await createImageBitmap(file)).slice(0, 3));
      setError("");
    } catch {
      setClasses([]);
      setError(`${file.name} is no picture that this browser can open.`);
    }
  }

  return (
    <main>
      <label>
        A picture: <input type="file" accept="image/*" onChange={(event) => show(event.target.files?.[0])} />
      </label>
      {error && <p role="alert">{error}</p>}
      <ol aria-live="polite">
        {classes.map(({ index, name, probability }) => (
          <li key={index}>
            <meter value={probability} aria-label={name} /> {name}, {(100 * probability).toFixed(1)} %
          </li>
        ))}
      </ol>
    </main>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Suspense fallback={<p>Loading the student …</p>}>
      <Classifier />
    </Suspense>
  </StrictMode>,
);
