// The page of limbeck serve: what its networks say of pictures, computed where it runs.
import { introduce, takePictures, tell } from "./view.js";

try {
  const { networks, missing, mostBytes } = await answerOf(await fetch("networks"));
  const name = networks.map(({ title }) => title).join(" and ");
  introduce(name, "Pictures go to limbeck serve on this machine, and no further. It keeps none.");
  document.getElementById("about").after(...missing.map(paragraph));
  tell(`Tells ${networks[0].classes} classes apart. Ready.`);
  takePictures(async (source) => {
    const body = source instanceof Blob ? source : await frameOf(source);
    if (body.size > mostBytes)
      throw new Error(`A picture has to be smaller than ${Math.floor(mostBytes / 2 ** 20)} MiB.`);
    const { answers } = await answerOf(await fetch("classify", { method: "POST", body }).catch(gone));
    return answers;
  });
} catch (error) {
  tell(error.message, true);
}

function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}

async function answerOf(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

function gone() {
  throw new Error("limbeck serve does not answer. Was it ended? Start it again, and open the address that it prints.");
}

/** What the camera sees, without loss. */
function frameOf(video) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.convertToBlob();
}
