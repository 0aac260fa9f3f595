/** @file The camera, a few times a second. */

export interface Camera {
  close(): void;
}

/** Milliseconds between two looks. */
const INTERVAL = 250;

/** Throws, in words, where there is no camera or it is not allowed. */
export async function openCamera(see: (video: HTMLVideoElement) => void): Promise<Camera> {
  // Missing on pages that did not come by HTTPS or from this machine.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new Error("There is no camera for this page; it has to come by HTTPS. Choose a picture instead.");
  const stream = await devices.getUserMedia({ video: { facingMode: "environment" } }).catch((cause: Error) => {
    throw new Error(`The camera cannot be used (${cause.message}). Choose a picture instead.`, { cause });
  });
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
  await video.play();
  const timer = setInterval(() => see(video), INTERVAL);
  return {
    close() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}
